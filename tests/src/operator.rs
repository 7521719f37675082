//! What an operator does, who has the database and not only the API.

use roster_api::{
    membership::Run,
    person::{Erased, Error, People},
};
use roster_entity::{EmailAddress, UserId};
use roster_worker::mail::TransportKind;

use crate::{Person, Roster};

impl Roster {
    /// The people whom it knows, as `roster user` has them.
    pub fn people(&self) -> People {
        let mail = &self.parts().config.mail;
        let directory = (mail.transport == TransportKind::Files).then(|| mail.directory.clone());
        People::new(self.parts().database.clone(), self.parts().clock.clone(), directory)
    }

    /// The id of whoever has this address, also of somebody who was only invited.
    pub async fn id_of(&self, address: &str) -> UserId {
        let email: EmailAddress = address.parse().expect("a test's address is valid");
        let holders = self.people().by_email(&email).await.expect("the database answers");
        holders.owner.unwrap_or_else(|| panic!("nobody has {address}")).id
    }
}

impl Person {
    /// Erases all that Roster keeps about them.
    pub async fn try_erase(&self) -> Result<Erased, Error> {
        let id = self.roster.id_of(&self.address).await;
        self.roster.people().erase(id, Run::Real).await
    }

    /// The same, where nothing is in the way.
    pub async fn erase(&self) -> Erased {
        self.try_erase().await.expect("nothing is in the way")
    }
}
