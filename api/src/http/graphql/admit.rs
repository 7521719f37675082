//! From a request as it came to one that may be executed, whatever way it came: its document is found, and passes the guard.

use async_graphql::{Request, ServerError, parser::types::OperationType};

use super::super::{
    App,
    guard::{self, Budget},
};

impl App {
    /// Admits a request for execution, and says of which type its operation is.
    pub(super) fn admit(
        &self,
        request: &mut Request,
        budget: &mut Budget,
    ) -> Result<OperationType, ServerError> {
        let new = self.documents.find(request)?;
        let kind = guard::admit(request, &self.limits, budget, self.documents.parsed())?;
        if let Some(new) = new {
            self.documents.remember(new, &request.query);
        }
        Ok(kind)
    }
}
