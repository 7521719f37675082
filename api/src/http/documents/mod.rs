//! Documents that a request names instead of sending them, and a list of those that are trusted.
//!
//! Automatic persisted queries are what Apollo's clients do: the SHA-256 of a document in `extensions.persistedQuery`, with
//! the document the first time. The trusted list is what Relay and GraphQL Code Generator write when a client is built; its
//! documents are named by `documentId`, as the appendix of GraphQL over HTTP has it.

mod automatic;
mod hash;
mod parsed;
mod trusted;

use std::{any::TypeId, path::PathBuf, sync::Arc};

use async_graphql::{Request, ServerError, Value};
use serde::Deserialize;

pub(super) use self::parsed::Parsed;
use self::{automatic::Automatic, hash::Hash, trusted::Trusted};
use super::guard::{Limits, request_error};
use crate::{config::ConfigError, graphql::Schema};

/// `[documents]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in roster.example.toml")]
pub struct Config {
    pub automatic: bool,
    pub automatic_entries: usize,
    pub automatic_bytes: usize,
    pub trusted_file: PathBuf,
    pub trusted_only: bool,
}

/// The documents that this process knows by name.
#[derive(Clone, Debug)]
pub struct Documents(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    trusted: Trusted,
    trusted_only: bool,
    /// `None` where that is switched off, or no other document than the trusted ones is taken.
    automatic: Option<Automatic>,
    parsed: Parsed,
}

/// A request's `documentId`: it travels in the data of the request.
pub(super) struct DocumentId(pub(super) String);

/// A document that can be remembered once the guard has let it pass.
pub(super) struct New(Hash);

impl Config {
    /// What is wrong with these settings.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.trusted_only && self.trusted_file.as_os_str().is_empty() {
            problems.push("documents.trusted_file should be given, as documents.trusted_only is: nothing else would be answered.".to_owned());
        }
        if self.automatic && (self.automatic_entries == 0 || self.automatic_bytes == 0) {
            problems.push("documents.automatic_entries and documents.automatic_bytes should be at least 1. To switch this off, set documents.automatic to false.".to_owned());
        }
        problems
    }
}

impl Documents {
    /// None yet but those of the trusted file, each of which must be valid and within the limits.
    pub fn new(config: &Config, schema: &Schema, limits: &Limits) -> Result<Self, ConfigError> {
        let trusted = match config.trusted_file.as_os_str().is_empty() {
            true => Trusted::default(),
            false => Trusted::load(&config.trusted_file, schema, limits)?,
        };
        let automatic = (config.automatic && !config.trusted_only)
            .then(|| Automatic::new(config.automatic_entries, config.automatic_bytes));
        Ok(Self(Arc::new(Inner {
            trusted,
            trusted_only: config.trusted_only,
            automatic,
            parsed: Parsed::default(),
        })))
    }

    /// Puts the document that a request names into it, and refuses what is not trusted where only that is taken. `New` is for
    /// [`Documents::remember`].
    pub(super) fn find(&self, request: &mut Request) -> Result<Option<New>, ServerError> {
        let Inner { trusted, trusted_only, automatic, .. } = &*self.0;
        if let Some(id) = document_id(request) {
            if !request.query.is_empty() {
                return Err(request_error("BAD_REQUEST", "Send documentId or query, not both."));
            }
            let Some(document) = trusted.by_id(id) else {
                return Err(request_error(
                    "PERSISTED_DOCUMENT_NOT_FOUND",
                    "There is no document with this documentId. It should be one of the file that documents.trusted_file names.",
                ));
            };
            request.query = document.to_string();
            return Ok(None);
        }
        let mut new = None;
        if let Some(named) = persisted_query(request)? {
            if request.query.is_empty() {
                let document = trusted.by_hash(&named).or_else(|| automatic.as_ref()?.get(&named));
                request.query = document.ok_or_else(|| self.not_found())?.to_string();
            } else if Hash::of(&request.query) != named {
                let message = "extensions.persistedQuery.sha256Hash is not the SHA-256 of the query.";
                return Err(request_error("PERSISTED_QUERY_HASH_MISMATCH", message));
            } else {
                new = automatic.is_some().then_some(New(named));
            }
        }
        if *trusted_only && trusted.by_hash(&Hash::of(&request.query)).is_none() {
            return Err(not_trusted());
        }
        Ok(new)
    }

    /// Documents that need not be parsed again.
    pub(super) fn parsed(&self) -> &Parsed {
        &self.0.parsed
    }

    /// Keeps a document that the guard has let pass, for as long as there is room.
    pub(super) fn remember(&self, New(hash): New, document: &str) {
        if let Some(automatic) = &self.0.automatic {
            automatic.put(hash, document);
        }
    }

    /// What a client that sent the hash alone does next, it reads from these words.
    fn not_found(&self) -> ServerError {
        match &self.0.automatic {
            Some(_) => request_error("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"),
            None if self.0.trusted_only => not_trusted(),
            None => request_error("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported"),
        }
    }
}

fn not_trusted() -> ServerError {
    let message = "Only documents of the trusted list are answered here (documents.trusted_only). Build the list anew with your client, or name one of its documents with documentId.";
    request_error("DOCUMENT_NOT_TRUSTED", message)
}

fn document_id(request: &Request) -> Option<&str> {
    let id = request.data.get(&TypeId::of::<DocumentId>())?;
    Some(&id.downcast_ref::<DocumentId>()?.0)
}

/// Whether the extensions of a request name a document.
pub(super) fn names_a_document(extensions: &async_graphql::Extensions) -> bool {
    sha256_hash(extensions).is_some()
}

fn sha256_hash(extensions: &async_graphql::Extensions) -> Option<&str> {
    match extensions.0.get("persistedQuery")? {
        Value::Object(named) => match named.get("sha256Hash")? {
            Value::String(hash) => Some(hash),
            _ => None,
        },
        _ => None,
    }
}

/// The hash in the extensions of a request, which must be of version 1.
fn persisted_query(request: &Request) -> Result<Option<Hash>, ServerError> {
    let Some(hash) = sha256_hash(&request.extensions) else { return Ok(None) };
    let version = match request.extensions.0.get("persistedQuery") {
        Some(Value::Object(named)) => named.get("version").cloned(),
        _ => None,
    };
    if version != Some(Value::from(1)) {
        return Err(request_error("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported"));
    }
    let hash = Hash::from_hex(hash).ok_or_else(|| {
        request_error(
            "BAD_REQUEST",
            "extensions.persistedQuery.sha256Hash should have 64 hexadecimal digits.",
        )
    })?;
    Ok(Some(hash))
}
