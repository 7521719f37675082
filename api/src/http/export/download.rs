//! An export on its way to a client, who may lose access before it is there.

use futures_util::{Stream, StreamExt, stream};
use roster_entity::OrganizationId;

use super::super::{bearer::authenticate, refusal::Refusal};
use crate::{
    database::Database,
    export::{Export, Table},
    identity::{Authenticator, Caller},
    membership::Access,
};

/// An export, and who gets it.
pub(super) struct Download<T> {
    pub(super) authenticator: Authenticator,
    pub(super) database: Database,
    pub(super) token: String,
    pub(super) caller: Caller,
    pub(super) organization: OrganizationId,
    pub(super) export: Export<T>,
}

impl<T: Table> Download<T> {
    /// The caller's access, and the first part.
    pub(super) async fn begin(&mut self) -> Result<(Access, Vec<u8>), Refusal> {
        let conn = self.database.read();
        let access = Access::to(conn, &self.caller, self.organization).await?;
        let first = self.export.next(conn, &access).await?;
        Ok((access, first.unwrap_or_default()))
    }

    /// All parts. A page is read when the client has taken what was before it.
    pub(super) fn rest(self, first: Vec<u8>) -> impl Stream<Item = Result<Vec<u8>, Refusal>> {
        let rest = stream::try_unfold(self, async |mut download| {
            let part = download.next().await.inspect_err(|refusal| {
                tracing::info!(table = T::NAME, %refusal, "an export was broken off");
            })?;
            Ok(part.map(|part| (part, download)))
        });
        stream::once(async { Ok(first) }).chain(rest)
    }

    /// The next part, for somebody who may still have it: who was removed, or whose API token was revoked, may not. A
    /// token of the identity provider need not outlive the download that it has begun.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        if self.caller.api_token.is_some() {
            self.caller = authenticate(&self.authenticator, &self.token).await?;
        }
        let conn = self.database.read();
        let access = Access::to(conn, &self.caller, self.organization).await?;
        Ok(self.export.next(conn, &access).await?)
    }
}
