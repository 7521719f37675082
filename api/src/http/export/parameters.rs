//! The parameters of an export: the query of its address.

use std::collections::BTreeMap;

use axum::{extract::Query, http::Uri};
use chrono::{DateTime, Utc};
use roster_entity::member::Status;
use sea_orm::{ActiveEnum, Iterable};

use crate::{
    export::Format,
    membership::{Error, Result},
};

/// What the address asks for, and is taken out one by one.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads them; each may be there once.
    pub(super) fn read(uri: &Uri) -> Result<Self> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|e| bad(format!("The query of the address cannot be read: {}", e.body_text())))?;
        let mut parameters = BTreeMap::new();
        for (name, value) in pairs {
            if parameters.contains_key(&name) {
                return Err(bad(format!("The parameter \"{name}\" is there more than once.")));
            }
            parameters.insert(name, value);
        }
        Ok(Self(parameters))
    }

    /// The organization, by its id or its slug.
    pub(super) fn organization(&mut self) -> Result<String> {
        self.take("organization").filter(|name| !name.is_empty()).ok_or_else(|| {
            bad("The parameter \"organization\" is missing. Give the id or the slug of an organization.")
        })
    }

    /// CSV unless another format is asked for.
    pub(super) fn format(&mut self) -> Result<Format> {
        match self.take("format") {
            None => Ok(Format::default()),
            Some(name) => Format::named(&name)
                .ok_or_else(|| bad(format!("There is no format \"{name}\". Give csv or jsonl."))),
        }
    }

    /// Statuses of members, with commas between them.
    pub(super) fn statuses(&mut self) -> Result<Option<Vec<Status>>> {
        let status = |name: &str| {
            let found = Status::iter().find(|status| status.to_value() == name);
            found.ok_or_else(|| {
                bad(format!(
                    "There is no status \"{name}\". Give INVITED, ACTIVE or REMOVED, or several with commas."
                ))
            })
        };
        self.take("status").map(|names| names.split(',').map(status).collect()).transpose()
    }

    /// A time.
    pub(super) fn time(&mut self, name: &str) -> Result<Option<DateTime<Utc>>> {
        let time = |text: String| match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => Ok(time.to_utc()),
            Err(_) => Err(bad(format!(
                "The parameter \"{name}\" is not a time. Give one like 2026-11-22T09:30:00Z; in an address, a + is written %2B."
            ))),
        };
        self.take(name).map(time).transpose()
    }

    /// Refuses what nobody has taken out.
    pub(super) fn end(self) -> Result<()> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(bad(format!("There is no parameter \"{name}\" here. Leave it out."))),
        }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }
}

pub(super) fn bad(message: impl Into<String>) -> Error {
    Error::BadInput(message.into())
}
