//! Names as people have them.

use roster_entity::{EmailAddress, UserId, user};

use super::{Kind, RARE, id};

const FIRST: [&str; 48] = [
    "Aaliyah",
    "Adam",
    "Agnieszka",
    "Alejandro",
    "Alexander",
    "Amara",
    "Anna",
    "Beatriz",
    "Benjamin",
    "Chiara",
    "Chloé",
    "Daniel",
    "Dmitri",
    "Elena",
    "Emeka",
    "Emma",
    "Fatima",
    "Felix",
    "Giulia",
    "Hana",
    "Hiroshi",
    "Ingrid",
    "Isabella",
    "Jamal",
    "James",
    "Jürgen",
    "Kwame",
    "Lars",
    "Leila",
    "Liam",
    "Łukasz",
    "Maria",
    "Mateo",
    "Mei",
    "Mohammed",
    "Nadia",
    "Noah",
    "Olivia",
    "Priya",
    "Rafael",
    "Sana",
    "Sofia",
    "Søren",
    "Tariq",
    "Thu",
    "Victoria",
    "Yuki",
    "Zoë",
];

const LAST: [&str; 64] = [
    "Abe",
    "Adeyemi",
    "Ahmed",
    "Andersen",
    "Anderson",
    "Baker",
    "Bauer",
    "Bianchi",
    "Brown",
    "Chen",
    "Costa",
    "Cruz",
    "Dubois",
    "Eriksson",
    "Evans",
    "Fernández",
    "Fischer",
    "Flores",
    "Garcia",
    "Gupta",
    "Haddad",
    "Hansen",
    "Hoffmann",
    "Ibrahim",
    "Ivanova",
    "Jensen",
    "Johnson",
    "Kaya",
    "Khan",
    "Kim",
    "Kowalska",
    "Kumar",
    "Larsen",
    "Lee",
    "Lefèvre",
    "Lewis",
    "López",
    "Martin",
    "Mbeki",
    "Mendoza",
    "Moreau",
    "Müller",
    "Nakamura",
    "Nguyen",
    "Novak",
    "O'Brien",
    "Okafor",
    "Olsen",
    "Papadopoulos",
    "Patel",
    "Petrov",
    "Rossi",
    "Sánchez",
    "Sanders",
    "Santos",
    "Sato",
    "Schmidt",
    "Silva",
    "Singh",
    "Smith",
    "Suzuki",
    "Tanaka",
    "Wang",
    "Yılmaz",
];

/// Who has this name is found by [`RARE_PART`].
const RARE_LAST: &str = "Quintanilha";

/// A part of the name of 60 members of each organization.
pub(crate) const RARE_PART: &str = "intanil";

/// A part of many names: about one in twelve has it.
pub(crate) const COMMON_PART: &str = "and";

/// The person with a number, in an organization of so many, in which it is the `index`th.
pub(super) fn person(number: u64, index: u64, size: u64) -> user::Model {
    let chance = scrambled(number);
    let first = FIRST[(chance % FIRST.len() as u64) as usize];
    let last = match index.is_multiple_of((size / RARE).max(1)) && index / (size / RARE).max(1) < RARE {
        true => RARE_LAST,
        false => LAST[(chance / 1_000 % LAST.len() as u64) as usize],
    };
    let ascii =
        |name: &str| name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    let email = format!("{}.{}.{number}@example.com", ascii(first), ascii(last));
    let email: EmailAddress = email.parse().expect("letters, digits and dots");
    user::Model {
        id: UserId(id(Kind::User, number)),
        email_norm: Some(email.normalized()),
        email,
        name: Some(format!("{first} {last}")),
        created_at: Default::default(),
    }
}

/// Splitmix64: the same name for a number in each run, and no order in the names of numbers that follow each other.
fn scrambled(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_have_the_rare_name_whatever_the_size() {
        for size in [60, 1_000, 10_001] {
            let found =
                (0..size).filter(|&index| person(index, index, size).search_text().contains(RARE_PART));
            assert_eq!(found.count(), 60, "{size}");
        }
    }

    #[test]
    fn many_have_the_common_part_and_not_all() {
        let found = (0..10_000).filter(|&n| person(n, n, 10_000).search_text().contains(COMMON_PART));
        assert!((300..2_000).contains(&found.count()));
    }
}
