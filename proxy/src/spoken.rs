//! Calls in other protocols than the provider's: the body names the model, so it is read first, and becomes one of Converse, or of `InvokeModel` where the model
//! speaks the protocol itself. From then on they are calls
//! like all others; the answer is said in the caller's words again ([`relay`](crate::relay)).

use crate::call::document;
use crate::edge::{Client, Hardened};
use crate::refusal::Refusal;
use crate::route::{self, Route, Speech};
use crate::rulebook::Rulebook;
use crate::work::{Allowance, Stop};
use bytes::Bytes;
use palisade_wire::sigv4::PayloadHash;
use palisade_wire::translate::{Heading, Spoken, Tongue, Untranslatable};
use std::sync::Arc;

/// A call that is to be translated.
pub struct Speaking {
    /// The models there are.
    pub rulebook: Arc<Rulebook>,
    /// Whose names for models count.
    pub tenant: String,
    /// The protocol.
    pub tongue: Tongue,
    /// What headers ask for beside the body.
    pub betas: Vec<String>,
    /// The body as it came.
    pub body: Bytes,
    /// The id of the exchange.
    pub request_id: String,
    /// When it arrived, in seconds since the Unix epoch.
    pub created: i64,
}

/// A body that is judged, and sent if nothing has to be changed in it.
pub struct Sent {
    /// The bytes.
    pub body: Bytes,
    /// Their hash.
    pub payload: PayloadHash,
}

/// What `anthropic-beta` headers ask for, each a list.
pub fn betas(head: &Hardened) -> Vec<String> {
    let values = head.headers().get_all("anthropic-beta").iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let betas = values.flat_map(|list| list.split(',')).map(str::trim);
    betas.filter(|beta| !beta.is_empty()).map(str::to_owned).collect()
}

impl Sent {
    /// The body of a call as it came; of a conversation that goes both ways, what is judged before its first event: an empty list of them.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn of(client: &mut Client<'_>) -> Result<Self, Refusal> {
        if client.talks() {
            let body = Bytes::from_static(b"[]");
            return Ok(Self {
                payload: PayloadHash::of(&body),
                body,
            });
        }
        Ok(Self {
            body: client.body().await?,
            payload: client.payload().await?,
        })
    }
}

impl Speaking {
    /// Reads the body, and says it in the words of Converse.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] with the field that cannot be carried over, [`Refusal::Unroutable`] for a model that is not there; [`Stop`]
    /// when it is made of more than it may be.
    pub fn translate(&self, allowance: &mut Allowance<'_>) -> Result<(Route, Sent), Stop> {
        let document = document(self.body.clone(), allowance)?;
        let name = self.tongue.model(&document).map_err(Refusal::from)?;
        let called = route::named(&self.rulebook.registry, &self.tenant, &name)?;
        let own = called.own().ok_or_else(|| {
            Refusal::Malformed("`model` is an endpoint whose bodies have a form of their own: call it as SageMaker's clients do".to_owned())
        })?;
        let facts = called.model().facts();
        // What is made of a body is about as long.
        allowance.hold(2 * self.body.len())?;
        let spoken = Spoken {
            id: &facts.id,
            family: &facts.family,
            own,
        };
        let betas: Vec<&str> = self.betas.iter().map(String::as_str).collect();
        let translated = self
            .tongue
            .request(&document, spoken, &betas)
            .map_err(Refusal::from)?;
        allowance.hold(translated.body.len())?;
        allowance.step()?;
        let heading = Heading {
            id: self.request_id.clone(),
            created: self.created,
            model: name.into_owned(),
        };
        let sent = Sent {
            payload: PayloadHash::of(&translated.body),
            body: translated.body.into(),
        };
        let speech = Speech {
            tongue: self.tongue,
            voice: translated.voice.under(heading),
            left_out: translated.left_out,
        };
        let route = called.by(translated.way, translated.is_streaming, speech)?;
        Ok((route, sent))
    }
}

impl From<Untranslatable> for Refusal {
    fn from(error: Untranslatable) -> Self {
        Self::Malformed(error.to_string())
    }
}
