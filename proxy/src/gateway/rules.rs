//! What rules are read from, and when that has changed.

use super::{Bundles, Checked, StartError, Watch};
use crate::config::Config;
use crate::registry::Source;
use palisade_registry::StoreError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a store that is no file is asked whether it has changed.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// How long is waited until what a store holds, and cannot be used, is read again though it has not changed: it may not have been read whole.
const READ_AGAIN: Duration = Duration::from_secs(10);

/// Reads rules, again and again: the configuration, and what it names.
pub struct Rules {
    config: PathBuf,
    watch: Watch,
    /// The store that the registry was read from, if it has to be asked whether it has changed.
    source: Option<Arc<Source>>,
    bundles: Bundles,
    /// Whether what has changed is to be read.
    is_watched: bool,
    /// What the store holds could not be used, and is not read again before.
    again: Option<Instant>,
}

/// What is new about rules.
#[derive(Debug)]
pub enum News {
    /// What they are read from has changed.
    Changed,
    /// The store of the registry answers, and has not.
    Answered,
    /// It does not answer, and why.
    Lost(String),
}

impl Rules {
    /// Those that the configuration in `config` names.
    #[must_use]
    pub fn new(config: &Path) -> Self {
        Self {
            config: config.to_owned(),
            watch: Watch::new(config),
            source: None,
            bundles: Bundles::default(),
            is_watched: false,
            again: None,
        }
    }

    /// Reads and checks them all, off the runtime's threads.
    ///
    /// # Errors
    /// All that is wrong, as far as one fault does not hide another.
    pub async fn read(&mut self) -> Result<Checked, StartError> {
        self.watch.reading();
        let (path, before) = (self.config.clone(), self.source.clone());
        let bundles = self.bundles.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let config = Config::read(&path)?;
            let source = match before.filter(|before| before.is_of(&config.registry)) {
                Some(same) => same,
                None => Arc::new(Source::open(&config.registry)?),
            };
            let is_watched = config.policy.watch;
            let registry = source.read();
            Ok::<_, StartError>((source, is_watched, Checked::with(config, registry, &bundles)))
        });
        let (source, is_watched, checked) = reading.await.map_err(StartError::Reader)??;
        self.source = source.is_remote().then_some(source);
        self.is_watched = is_watched;
        self.again = checked.is_err().then(|| Instant::now() + READ_AGAIN);
        checked
    }

    /// Waits until there is news. Nothing is lost when it is dropped.
    pub async fn news(&mut self) -> News {
        let asked = async {
            match self.source.clone() {
                Some(source) => ask(source).await,
                None => std::future::pending().await,
            }
        };
        let is_due = self.is_watched && self.again.is_none_or(|again| again <= Instant::now());
        tokio::select! {
            () = self.watch.changed() => News::Changed,
            news = asked => match news {
                News::Changed if !is_due => News::Answered,
                news => news,
            }
        }
    }
}

async fn ask(source: Arc<Source>) -> News {
    tokio::time::sleep(ASK_EVERY).await;
    let asked = tokio::task::spawn_blocking(move || source.has_changed()).await;
    match asked.unwrap_or_else(|defect| Err(StoreError::Unavailable(defect.to_string()))) {
        Ok(true) => News::Changed,
        Ok(false) => News::Answered,
        Err(error) => News::Lost(error.to_string()),
    }
}
