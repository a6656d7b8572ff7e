//! The call itself: the body of an admitted request, read within its limits.

use crate::admit::Admitted;
use crate::refusal::{Limit, Refusal};
use crate::work::{Allowance, Stop};
use bytes::Bytes;
use palisade_wire::json::{self, Document, Edit, ErrorKind, Kind, push_string, splice};
use palisade_wire::text::{Dialect, Form, Region, RequestMap};
use std::sync::Arc;

/// A request whose body has been read.
#[derive(Debug)]
pub struct Call {
    admitted: Arc<Admitted>,
    body: Body,
    map: RequestMap,
}

/// A body of a request or an answer, as a document whose texts can be replaced.
#[derive(Debug)]
pub struct Body {
    form: Form,
    original: Bytes,
    /// JSON as it is, text as one string, opaque bytes as `null`.
    document: Document,
}

/// Reads the body of an admitted request.
///
/// # Errors
/// [`Refusal::Malformed`] with the place of the fault; [`Stop`] when it is made of more than it may be.
pub fn decode(admitted: &Arc<Admitted>, body: Bytes, allowance: &mut Allowance<'_>) -> Result<Call, Stop> {
    let malformed = |why: String| Stop::from(Refusal::Malformed(why));
    let dialect = admitted.route().dialect();
    if dialect.takes_nothing() && !body.is_empty() {
        // Nobody would look into it.
        return Err(malformed(no_body(dialect).to_owned()));
    }
    let form = match dialect.takes_nothing() {
        true => Form::Opaque,
        false => dialect.form(),
    };
    let body = Body::read(form, body, allowance)?.map_err(malformed)?;
    if dialect.takes_object() && body.document.root().kind() != Kind::Object {
        return Err(malformed("the body is not a JSON object".to_owned()));
    }
    let map = dialect.request(&body.document);
    let map = map.map_err(|e| malformed(e.to_string()))?;
    hold_regions(&map.regions, allowance)?;
    Ok(Call {
        admitted: Arc::clone(admitted),
        body,
        map,
    })
}

fn no_body(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Elsewhere => "the input lies in S3, so there is no body",
        _ => "this operation has no body",
    }
}

impl Body {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Stop`] when it is made of more than it may be; the inner error says why it is not of this form.
    pub fn read(
        form: Form,
        original: Bytes,
        allowance: &mut Allowance<'_>,
    ) -> Result<Result<Self, String>, Stop> {
        let json = match form {
            Form::Json => original.clone(),
            Form::Opaque => Bytes::from_static(b"null"),
            Form::Text => match std::str::from_utf8(&original) {
                Err(_) => return Ok(Err("the body is not UTF-8 text".to_owned())),
                Ok(text) => {
                    allowance.hold(2 * text.len())?;
                    let mut literal = Vec::with_capacity(text.len() + 2);
                    push_string(&mut literal, text);
                    Bytes::from(literal)
                }
            },
        };
        let document = read(json, allowance)?.map_err(|e| not_strict(&e));
        Ok(document.map(|document| Self {
            form,
            original,
            document,
        }))
    }

    /// The body as a document.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The body with edits of its document made; the very bytes when there are none.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when the edits do not fit the document: nothing may be passed on then.
    pub fn rewritten(&self, edits: &[Edit<'_>]) -> Result<Bytes, Refusal> {
        if edits.is_empty() {
            return Ok(self.original.clone());
        }
        let fault = Refusal::Internal("splice");
        let Ok(json) = splice(self.document.bytes(), edits) else {
            return Err(fault);
        };
        if self.form == Form::Json {
            return Ok(Bytes::from(json));
        }
        let document = Document::parse(Bytes::from(json)).ok();
        let text = document.as_ref().and_then(|document| document.root().as_str());
        text.map(|text| Bytes::from(text.into_owned())).ok_or(fault)
    }
}

/// The document that the body of a call is, before anything else is known of it.
///
/// # Errors
/// [`Refusal::Malformed`] with the place of the fault; [`Stop`] when it is made of more than it may be.
pub fn document(body: Bytes, allowance: &mut Allowance<'_>) -> Result<Document, Stop> {
    let document = read(body, allowance)?;
    document.map_err(|e| Refusal::Malformed(not_strict(&e)).into())
}

fn not_strict(error: &json::Error) -> String {
    format!("the body is not strict JSON: {error}")
}

/// Reads JSON within the limits of a call, and takes memory for what it becomes.
///
/// # Errors
/// [`Stop`] when it is made of more than it may be; the inner error when it is no strict JSON.
pub(crate) fn read(
    body: Bytes,
    allowance: &mut Allowance<'_>,
) -> Result<Result<Document, json::Error>, Stop> {
    let limits = json::Limits {
        depth_max: allowance.limits().depth_max,
        nodes_max: allowance.limits().nodes_max,
    };
    let parsed = Document::parse_within(body, limits);
    match &parsed {
        Ok(document) => allowance.hold(document.node_count() * json::NODE_BYTES)?,
        Err(error) => match error.kind {
            ErrorKind::TooDeep => allowance.at_most(Limit::Depth, usize::MAX)?,
            ErrorKind::TooLarge => allowance.at_most(Limit::Nodes, usize::MAX)?,
            _ => {}
        },
    }
    allowance.step()?;
    Ok(parsed)
}

/// Takes memory for regions, and for the longest of them once more as it is scanned: decoded, and as the JSON it is.
///
/// # Errors
/// [`Stop`] when there are more than there may be.
pub fn hold_regions(regions: &[Region], allowance: &mut Allowance<'_>) -> Result<(), Stop> {
    allowance.at_most(Limit::Regions, regions.len())?;
    let longest = regions.iter().map(|region| region.span.len()).max();
    allowance.hold(size_of_val(regions) + 2 * longest.unwrap_or(0))?;
    allowance.step()
}

/// What was asked for in a conversation that goes both ways, and holds for all that follows in it.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    max_tokens: Option<u64>,
    tools: Vec<String>,
}

impl Standing {
    /// How many tools were offered.
    #[must_use]
    pub fn tools(&self) -> usize {
        self.tools.len()
    }
}

impl Call {
    /// With what was asked for before it.
    #[must_use]
    pub fn following(mut self, before: &Standing) -> Self {
        self.map.max_tokens = self.map.max_tokens.or(before.max_tokens);
        for tool in &before.tools {
            if !self.map.tools.contains(tool) {
                self.map.tools.push(tool.clone());
            }
        }
        self
    }

    /// What holds for all that follows; nothing of a call that is alone.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.admitted.route().target().goes_both_ways() {
            false => Standing::default(),
            true => Standing {
                max_tokens: self.map.max_tokens,
                tools: self.map.tools.clone(),
            },
        }
    }

    /// The request that this is the body of.
    #[must_use]
    pub fn admitted(&self) -> &Arc<Admitted> {
        &self.admitted
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The body as a document.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.body.document
    }

    /// Where the body holds text, and what it asks for.
    #[must_use]
    pub fn map(&self) -> &RequestMap {
        &self.map
    }
}
