//! What others were answered, and may ask for again with their idempotency keys: it names people.

use roster_entity::idempotency_key::{Column, Entity};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter,
};

use super::Erasure;
use crate::person::mentions::answer_naming;

impl Erasure<'_> {
    /// Replaces the person in the answers. A key that names them is deleted with its answer: the caller knows it by that name.
    pub(super) async fn forget_answers(&mut self) -> Result<(), DbErr> {
        let others =
            Entity::find().filter(answer_naming(&self.traces)).filter(Column::UserId.ne(self.pseudonym.id));
        let (mut replaced, mut deleted) = (0, 0);
        for row in others.all(self.conn).await? {
            let knows_them = self.is_known_in(row.organization_id.0);
            if self.traces.replaced(&row.key, knows_them).is_some() {
                row.delete(self.conn).await?;
                deleted += 1;
                continue;
            }
            let mut answer = row.answer.clone();
            if self.traces.replace_in(&mut answer, knows_them) > 0 {
                let mut row = row.into_active_model();
                row.answer = Set(answer);
                row.update(self.conn).await?;
                replaced += 1;
            }
        }
        self.step("idempotency_keys", "answers replaced", replaced);
        self.step("idempotency_keys", "rows deleted, because the key names them", deleted);
        Ok(())
    }
}
