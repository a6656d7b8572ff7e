//! Looks at the shape of a text before Cedar's parser does. The parser recurses once per nesting level, without a limit of
//! its own, and a stack that overflows ends the whole process; the validator can take twice as long for each nested `if`.

use crate::problem::{Position, Problem};
use crate::source::{BundleFile, POLICY_BYTES_MAX, Part};

/// The deepest nesting of brackets. Half of what a debug build parses on a stack of 2 MiB, the default of Rust's threads.
const DEPTH_MAX: usize = 16;

/// The most `if` in one policy: they nest without brackets, and each may double the time of validation.
const IFS_MAX: usize = 12;

/// One policy of a text, or one declaration of a schema, as far as it was read.
#[derive(Default)]
struct Statement {
    start: Option<usize>,
    depth: usize,
    ifs: usize,
}

/// Which part of a text a character stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Code,
    Comment,
    Text,
    Escape,
}

/// Refuses a policy that is too long, and brackets or `if` that nest too deep; tells the first place.
pub(crate) fn check(source: &BundleFile<'_>, part: Part) -> Result<(), Problem> {
    let mut statement = Statement::default();
    let mut within = Within::Code;
    let mut previous = ' ';
    for (at, c) in source.text.char_indices() {
        within = step(within, previous, c);
        if within == Within::Code && !c.is_whitespace() && c != '/' {
            let rest = source.text.get(at..).unwrap_or_default();
            statement.take(source, part, at, rest, previous)?;
        }
        if within == Within::Code && c == ';' {
            statement.end(source, part, at + 1)?;
        }
        previous = c;
    }
    statement.end(source, part, source.text.trim_end().len())
}

fn step(within: Within, previous: char, c: char) -> Within {
    match (within, c) {
        (Within::Code, '"') => Within::Text,
        (Within::Code, '/') if previous == '/' => Within::Comment,
        (Within::Text, '"') | (Within::Comment, '\n' | '\r') => Within::Code,
        (Within::Text, '\\') => Within::Escape,
        (Within::Escape, _) => Within::Text,
        (same, _) => same,
    }
}

impl Statement {
    /// Takes a character of code; `rest` begins with it.
    fn take(
        &mut self,
        source: &BundleFile<'_>,
        part: Part,
        at: usize,
        rest: &str,
        previous: char,
    ) -> Result<(), Problem> {
        self.start.get_or_insert(at);
        match rest.bytes().next() {
            Some(b'(' | b'[' | b'{') => self.depth += 1,
            Some(b'<') if part == Part::Schema => self.depth += 1,
            Some(b')' | b']' | b'}') => self.depth = self.depth.saturating_sub(1),
            Some(b'>') if part == Part::Schema => self.depth = self.depth.saturating_sub(1),
            _ if is_if(rest, previous) => self.ifs += 1,
            _ => {}
        }
        let message = match (self.depth > DEPTH_MAX, self.ifs > IFS_MAX) {
            (true, _) => format!("brackets nest deeper than {DEPTH_MAX}"),
            (_, true) => format!("more than {IFS_MAX} `if` in one statement"),
            _ => return Ok(()),
        };
        let problem = Problem::new(source.path, message).at(Position::of(source.text, at));
        Err(problem.help("split it into several statements"))
    }

    /// Ends the statement before the byte `end`. Open brackets stay open: the parser may read on.
    fn end(&mut self, source: &BundleFile<'_>, part: Part, end: usize) -> Result<(), Problem> {
        self.ifs = 0;
        let Some(start) = self.start.take().filter(|_| part != Part::Schema) else {
            return Ok(());
        };
        let bytes = end.saturating_sub(start);
        if bytes <= POLICY_BYTES_MAX {
            return Ok(());
        }
        let message = format!("the policy has {bytes} bytes; the limit is {POLICY_BYTES_MAX}");
        let problem = Problem::new(source.path, message).at(Position::of(source.text, start));
        Err(problem.help("split it into several policies"))
    }
}

fn is_if(rest: &str, previous: char) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    !is_word(previous)
        && rest
            .strip_prefix("if")
            .is_some_and(|rest| !rest.starts_with(is_word))
}
