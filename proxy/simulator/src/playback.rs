//! A response body that plays frames at a pace, in pieces, up to a sudden end.
//!
//! ```text
//! ─► wait ─► take a frame ─► cut into pieces ─► hand out ─┐
//!     ▲        │ die_after frames taken: flush, kill      │
//!     └────────┴──────────────────────────────────────────┘
//! ```

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::time::Sleep;

use crate::line::Line;
use crate::received::Ticket;

/// How long bytes already handed over get to leave before the connection is reset.
const FLUSH: Duration = Duration::from_millis(5);

/// Frames one after the other, made as they are needed.
pub(crate) type Frames = Box<dyn Iterator<Item = Bytes> + Send>;

type Polled = Poll<Option<Result<Frame<Bytes>, Infallible>>>;

/// How a body is played. The default: at once and whole.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    pub(crate) first_delay: Duration,
    pub(crate) delay: Duration,
    pub(crate) split_bytes: Option<NonZeroUsize>,
    pub(crate) die_after: Option<u64>,
}

/// The body.
pub(crate) struct Playback {
    frames: Source,
    pace: Pace,
    /// The frame that is waited for.
    coming: Option<Bytes>,
    /// Frames taken so far: handed out, or in `rest`.
    taken: u64,
    /// Bytes of taken frames that are not handed out. Empty unless `pace.split_bytes` is set.
    rest: BytesMut,
    step: Step,
    /// Set after each piece: the connection writes it before the next one is cut, so that pieces arrive as pieces.
    flush: bool,
    sleep: Option<Pin<Box<Sleep>>>,
    line: Arc<Line>,
    ticket: Ticket,
}

enum Source {
    /// One frame of known length: the response carries a content length, unless it is to die.
    Whole {
        frame: Option<Bytes>,
        left_bytes: u64,
    },
    Stream(Frames),
    /// Frames as somebody makes them.
    Live(mpsc::Receiver<Bytes>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Wait,
    Take,
    Cut,
    Die,
}

impl Playback {
    /// A body of known length.
    pub(crate) fn whole(body: Bytes, pace: Pace, line: Arc<Line>, ticket: Ticket) -> Self {
        let left_bytes = body.len() as u64;
        let source = Source::Whole {
            frame: Some(body),
            left_bytes,
        };
        let mut playback = Self::new(source, pace, line, ticket);
        playback.settle();
        playback
    }

    /// A body of frames, its length unknown.
    pub(crate) fn stream(frames: Frames, pace: Pace, line: Arc<Line>, ticket: Ticket) -> Self {
        Self::new(Source::Stream(frames), pace, line, ticket)
    }

    /// A body of frames that are still to be made.
    pub(crate) fn live(frames: mpsc::Receiver<Bytes>, line: Arc<Line>) -> Self {
        Self::new(Source::Live(frames), Pace::default(), line, Ticket::default())
    }

    fn new(frames: Source, pace: Pace, line: Arc<Line>, ticket: Ticket) -> Self {
        Self {
            frames,
            pace,
            coming: None,
            taken: 0,
            rest: BytesMut::new(),
            step: Step::Wait,
            flush: false,
            sleep: None,
            line,
            ticket,
        }
    }

    /// hyper drops a body of known length after its last byte, without asking for the end.
    fn settle(&mut self) {
        if matches!(self.frames, Source::Whole { left_bytes: 0, .. }) && self.pace.die_after.is_none() {
            self.ticket.completed();
        }
    }

    fn hand_out(&mut self, piece: Bytes) -> Polled {
        if let Source::Whole { left_bytes, .. } = &mut self.frames {
            *left_bytes = left_bytes.saturating_sub(piece.len() as u64);
        }
        self.settle();
        self.flush = self.pace.split_bytes.is_some();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    /// The next piece of `rest`: of the split length, or shorter when `all` is asked for.
    fn piece(&mut self, all: bool) -> Option<Bytes> {
        let split_bytes = self.pace.split_bytes?.get();
        let piece_bytes = split_bytes.min(self.rest.len());
        let enough = piece_bytes == split_bytes || (all && piece_bytes > 0);
        enough.then(|| self.rest.split_to(piece_bytes).freeze())
    }

    /// Makes the next frame and waits for its time. The end of the body is not waited for.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.coming = match &mut self.frames {
            Source::Whole { frame, .. } => frame.take(),
            Source::Stream(frames) => frames.next(),
            Source::Live(frames) => ready!(frames.poll_recv(cx)),
        };
        let first = self.taken == 0;
        let delay = if first {
            self.pace.first_delay
        } else {
            self.pace.delay
        };
        if self.coming.is_some() && !delay.is_zero() {
            self.sleep = Some(Box::pin(tokio::time::sleep(delay)));
        }
        self.step = Step::Take;
        Poll::Ready(())
    }

    fn take_frame(&mut self) -> Option<Bytes> {
        let frame = self.coming.take()?;
        self.taken += 1;
        self.ticket.frame();
        Some(frame)
    }

    /// The step that may give bytes away; `None` when another step must follow.
    fn take(&mut self) -> Option<Polled> {
        let dying = self.pace.die_after == Some(self.taken);
        let frame = if dying { None } else { self.take_frame() };
        match frame {
            Some(frame) if self.pace.split_bytes.is_some() => self.rest.extend_from_slice(&frame),
            Some(frame) => {
                self.step = Step::Wait;
                return Some(self.hand_out(frame));
            }
            None => {
                if let Some(piece) = self.piece(true) {
                    return Some(self.hand_out(piece));
                }
                if !dying {
                    self.ticket.completed();
                    return Some(Poll::Ready(None));
                }
                self.sleep = Some(Box::pin(tokio::time::sleep(FLUSH)));
                self.step = Step::Die;
                return None;
            }
        }
        self.step = Step::Cut;
        None
    }
}

impl Body for Playback {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let this = self.get_mut();
        if std::mem::take(&mut this.flush) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            if let Some(sleep) = &mut this.sleep {
                ready!(sleep.as_mut().poll(cx));
                this.sleep = None;
            }
            match this.step {
                Step::Wait => ready!(this.wait(cx)),
                Step::Take => {
                    if let Some(poll) = this.take() {
                        return poll;
                    }
                }
                Step::Cut => match this.piece(false) {
                    Some(piece) => return this.hand_out(piece),
                    None => this.step = Step::Wait,
                },
                Step::Die => {
                    this.ticket.killed();
                    this.line.kill();
                    return Poll::Pending;
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self.frames {
            Source::Whole { left_bytes, .. } if self.pace.die_after.is_none() => {
                SizeHint::with_exact(left_bytes)
            }
            Source::Whole { .. } | Source::Stream(_) | Source::Live(_) => SizeHint::default(),
        }
    }
}
