//! From the claims of a token to a person: found by issuer and subject, or created on first sight.
//!
//! Somebody who was invited is a person already, known by their address. They are recognized by it only when the issuer
//! says that the address is verified; otherwise anybody could take their place by claiming it.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use roster_entity::{
    EmailAddress, UserId, identity, member,
    standing::{self, Standings},
    text, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect, SqlErr, sea_query::LockType,
};

use super::{AuthError, Claims};
use crate::database::{Database, broken_off};

/// The person of these claims, and where they stand, if they were known and that could be read with them.
pub(super) async fn user_of(
    database: &Database,
    claims: &Claims,
    now: DateTime<Utc>,
) -> Result<(user::Model, Option<Standings>), AuthError> {
    let person = Person::of(claims)?;
    if let Some((user, standings)) = standing::of_identity(database.read(), &claims.iss, &claims.sub).await?
        && person.is_as_known(&user)
    {
        return Ok((user, standings));
    }
    // Two requests of a new person may come at the same time: the loser finds what the winner has written.
    let user = match sign_in(database, claims, &person, now).await {
        Err(AuthError::Database(e)) if is_overtaken(&e) => sign_in(database, claims, &person, now).await,
        result => result,
    };
    Ok((user?, None))
}

/// Whether somebody else was faster, so that looking again helps.
fn is_overtaken(error: &DbErr) -> bool {
    broken_off(error)
        || matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
        || matches!(error, DbErr::RecordNotUpdated)
}

/// What the claims say about the person, in the form in which it is kept.
struct Person {
    email: EmailAddress,
    verified: bool,
    name: Option<String>,
}

impl Person {
    fn of(claims: &Claims) -> Result<Self, AuthError> {
        let length = claims.sub.chars().count();
        if !(1..=255).contains(&length) || claims.sub.contains(char::is_control) {
            return Err(AuthError::Refused(
                "The token's sub claim should have 1 to 255 characters, none of them a control character.",
            ));
        }
        let email = claims
            .email
            .as_deref()
            .and_then(|email| email.parse().ok())
            .ok_or(AuthError::Refused("The token needs an email claim with a valid address."))?;
        let name = claims.name.as_deref().map(|name| text::truncate(&text::clean_name(name), text::MAX_NAME));
        Ok(Self { email, verified: claims.email_verified, name: name.filter(|name| !name.is_empty()) })
    }

    fn is_as_known(&self, user: &user::Model) -> bool {
        let address = if self.verified {
            user.email_norm.as_ref() == Some(&self.email.normalized())
        } else {
            // An address that is not verified changes nothing about somebody who is known.
            true
        };
        address && (self.name.is_none() || self.name == user.name)
    }
}

async fn sign_in(
    database: &Database,
    claims: &Claims,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<user::Model, AuthError> {
    let tx = database.begin().await?;
    let known = identity::user_of(&tx, &claims.iss, &claims.sub).await?;
    let holder = match person.verified {
        true => user::by_email(&tx, &person.email.normalized()).await?,
        false => None,
    };
    stay(&tx, [&known, &holder].into_iter().flatten()).await?;
    let user = match (known, holder) {
        (Some(known), Some(holder)) if known.id != holder.id => {
            if take_over_placeholder(&tx, &known, &holder).await? {
                update(&tx, known, person).await?
            } else {
                // Two people with one address: each stays as they are known.
                known
            }
        }
        (Some(known), _) => update(&tx, known, person).await?,
        (None, Some(holder)) => match identity::subject_at(&tx, holder.id, &claims.iss).await? {
            None => {
                identify(&tx, claims, holder.id, now).await?;
                update(&tx, holder, person).await?
            }
            // Another request of the same person was faster.
            Some(subject) if subject == claims.sub => update(&tx, holder, person).await?,
            Some(_) => return Err(AuthError::Refused(ADDRESS_TAKEN)),
        },
        (None, None) => {
            let user = create(&tx, person, now).await?;
            identify(&tx, claims, user.id, now).await?;
            user
        }
    };
    tx.commit().await?;
    Ok(user)
}

/// Sees to it that these people are not erased before the transaction ends; an error if they were in this moment.
async fn stay(tx: &DatabaseTransaction, people: impl Iterator<Item = &user::Model>) -> Result<(), DbErr> {
    // The order of the ids keeps two requests from waiting for each other.
    let ids: BTreeSet<_> = people.map(|user| user.id).collect();
    for id in ids {
        user::lock(tx, id, LockType::NoKeyUpdate).await?.ok_or(DbErr::RecordNotUpdated)?;
    }
    Ok(())
}

/// A new subject with the address of somebody who signs in as another subject of the same issuer: an address that was
/// given to another person must not bring the account along.
const ADDRESS_TAKEN: &str = "Somebody else signs in with this email address. If the address was passed on to you, ask the operator of this service.";

/// Somebody who is known has verified an address that was invited meanwhile: what the placeholder was invited to becomes
/// theirs. `false`, and nothing is done, if the holder of the address is more than a placeholder, or was invited to an
/// organization that knows both.
async fn take_over_placeholder(
    tx: &DatabaseTransaction,
    known: &user::Model,
    holder: &user::Model,
) -> Result<bool, DbErr> {
    // From here on nobody invites the placeholder: who does so at this moment waits, or is waited for.
    user::Entity::find_by_id(holder.id).lock_exclusive().one(tx).await?;
    let organizations = async |user: UserId| {
        let rows = member::Entity::find().filter(member::Column::UserId.eq(user)).all(tx).await?;
        Ok::<_, DbErr>(rows.into_iter().map(|row| row.organization_id).collect::<HashSet<_>>())
    };
    let both = !organizations(known.id).await?.is_disjoint(&organizations(holder.id).await?);
    if both || identity::has_signed_in(tx, holder.id).await? {
        return Ok(false);
    }
    member::Entity::update_many()
        .col_expr(member::Column::UserId, known.id.into())
        .filter(member::Column::UserId.eq(holder.id))
        .exec(tx)
        .await?;
    user::Entity::delete_by_id(holder.id).exec(tx).await?;
    Ok(true)
}

async fn create(tx: &DatabaseTransaction, person: &Person, now: DateTime<Utc>) -> Result<user::Model, DbErr> {
    user::ActiveModel {
        id: Set(UserId::generate(now)),
        email: Set(person.email.clone()),
        email_norm: Set(person.verified.then(|| person.email.normalized())),
        name: Set(person.name.clone()),
        created_at: Set(now),
    }
    .insert(tx)
    .await
}

async fn identify(
    tx: &DatabaseTransaction,
    claims: &Claims,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let identity = identity::ActiveModel {
        issuer: Set(claims.iss.clone()),
        subject: Set(claims.sub.clone()),
        user_id: Set(user),
        created_at: Set(now),
    };
    identity.insert(tx).await.map(drop)
}

/// Takes over a changed name and a verified address, also where members are sorted and searched by them: not where they
/// were only invited, because there nobody knows their name.
async fn update(tx: &DatabaseTransaction, user: user::Model, person: &Person) -> Result<user::Model, DbErr> {
    if person.is_as_known(&user) {
        return Ok(user);
    }
    let mut changed = user.into_active_model();
    if person.verified {
        changed.email = Set(person.email.clone());
        changed.email_norm = Set(Some(person.email.normalized()));
    }
    if person.name.is_some() {
        changed.name = Set(person.name.clone());
    }
    let user = changed.update(tx).await?;
    member::Entity::update_many()
        .col_expr(member::Column::SortName, user.sort_name().into())
        .col_expr(member::Column::Search, user.search_text().into())
        .filter(member::Column::UserId.eq(user.id))
        .filter(member::Column::JoinedAt.is_not_null())
        .exec(tx)
        .await?;
    Ok(user)
}
