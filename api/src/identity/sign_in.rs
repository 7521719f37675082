//! From the claims of a token to a person: found by issuer and subject, or created on first sight.
//!
//! Somebody who was invited is a person already, known by their address. They are recognized by it only when the issuer
//! says that the address is verified; otherwise anybody could take their place by claiming it.

use chrono::{DateTime, Utc};
use roster_entity::{EmailAddress, UserId, identity, member, text, user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, SqlErr,
};

use super::{AuthError, Claims};
use crate::database::{Database, broken_off};

/// The person of these claims.
pub(super) async fn user_of(
    database: &Database,
    claims: &Claims,
    now: DateTime<Utc>,
) -> Result<user::Model, AuthError> {
    let person = Person::of(claims)?;
    if let Some(user) = identity::user_of(database.read(), &claims.iss, &claims.sub).await?
        && person.is_as_known(&user)
    {
        return Ok(user);
    }
    // Two requests of a new person may come at the same time: the loser finds what the winner has written.
    match sign_in(database, claims, &person, now).await {
        Err(e) if broken_off(&e) || matches!(e.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Ok(sign_in(database, claims, &person, now).await?)
        }
        result => Ok(result?),
    }
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
) -> Result<user::Model, DbErr> {
    let tx = database.begin().await?;
    let known = identity::user_of(&tx, &claims.iss, &claims.sub).await?;
    let owner_of_address = match person.verified {
        true => user::by_email(&tx, &person.email.normalized()).await?,
        false => None,
    };
    let user = match (known, owner_of_address) {
        // The address became verified, and somebody had invited it before: the person is the invited one. Somebody
        // without a verified address belongs to no organization, so that nothing is lost with the other row.
        (Some(known), Some(owner)) if known.id != owner.id && !known.email_verified() => {
            point_identities_to(&tx, known.id, owner.id).await?;
            user::Entity::delete_by_id(known.id).exec(&tx).await?;
            update(&tx, owner, person).await?
        }
        // The address belongs to somebody else: keep the one that is known.
        (Some(known), Some(owner)) if known.id != owner.id => known,
        (Some(known), _) => update(&tx, known, person).await?,
        (None, Some(owner)) => {
            identify(&tx, claims, owner.id, now).await?;
            update(&tx, owner, person).await?
        }
        (None, None) => {
            let user = create(&tx, person, now).await?;
            identify(&tx, claims, user.id, now).await?;
            user
        }
    };
    tx.commit().await?;
    Ok(user)
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

async fn point_identities_to(tx: &DatabaseTransaction, from: UserId, to: UserId) -> Result<(), DbErr> {
    identity::Entity::update_many()
        .col_expr(identity::Column::UserId, to.into())
        .filter(identity::Column::UserId.eq(from))
        .exec(tx)
        .await
        .map(drop)
}

/// Takes over a changed name and a verified address, also where members are sorted and searched by them.
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
        .exec(tx)
        .await?;
    Ok(user)
}
