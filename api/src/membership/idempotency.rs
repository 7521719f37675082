//! Idempotency keys: a script that does not know whether its request was carried out sends it again under the same key,
//! and gets the first answer.

use chrono::TimeDelta;
use roster_entity::idempotency_key;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::{Access, Batch, Error, Result, Run, transaction::Transaction};

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The longest key, in characters.
const MAX_KEY: usize = 255;

/// A request under a key.
pub(super) struct Keyed<'a> {
    key: &'a str,
    hash: Vec<u8>,
}

impl<'a> Keyed<'a> {
    /// `None` without a key, and for a dry run. `input` is all that makes the request the same or another one.
    pub(super) fn of(batch: &'a Batch, operation: &str, input: &impl Serialize) -> Result<Option<Self>> {
        let Some(key) = &batch.idempotency_key else { return Ok(None) };
        if key.is_empty() || key.chars().count() > MAX_KEY || key.contains(char::is_control) {
            return Err(Error::BadInput(format!(
                "idempotencyKey should have 1 to {MAX_KEY} characters, none of them a control character."
            )));
        }
        if batch.run == Run::Dry {
            return Ok(None);
        }
        let input = serde_json::to_vec(&(operation, input)).map_err(json)?;
        Ok(Some(Self { key, hash: Sha256::digest(&input).to_vec() }))
    }
}

impl Transaction<'_> {
    /// The answer that the caller got to this request. The organization is locked: nobody else is about to write one.
    pub(super) async fn replay<T: DeserializeOwned>(
        &self,
        access: &Access,
        request: Option<&Keyed<'_>>,
    ) -> Result<Option<T>> {
        let Some(Keyed { key, hash }) = request else { return Ok(None) };
        idempotency_key::forget(&self.conn, access.organization.id, self.now - KEPT).await?;
        match idempotency_key::find(&self.conn, access.organization.id, access.user.id, key).await? {
            None => Ok(None),
            Some(known) if known.request_hash != *hash => Err(Error::IdempotencyKeyReused),
            Some(known) => Ok(Some(serde_json::from_value(known.answer).map_err(json)?)),
        }
    }

    /// Keeps the answer to a request, together with what it has changed.
    pub(super) async fn remember(
        &self,
        access: &Access,
        request: Option<&Keyed<'_>>,
        answer: &impl Serialize,
    ) -> Result<()> {
        let Some(Keyed { key, hash }) = request else { return Ok(()) };
        let row = idempotency_key::ActiveModel {
            organization_id: Set(access.organization.id),
            user_id: Set(access.user.id),
            key: Set((*key).to_owned()),
            request_hash: Set(hash.clone()),
            answer: Set(serde_json::to_value(answer).map_err(json)?),
            created_at: Set(self.now),
        };
        row.insert(&self.conn).await?;
        Ok(())
    }
}

fn json(error: serde_json::Error) -> Error {
    Error::Internal(DbErr::Json(error.to_string()))
}
