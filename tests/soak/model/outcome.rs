//! What an operation answers: as the model expects it, and as the API said it.

/// The code of an error, as the API spells it.
pub(super) type Code = String;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// There is no answer.
    Silence,
    /// The call as a whole.
    Refused(Code),
    /// One thing that could not be done.
    Fails(Code),
    /// One thing that was done, and what else the answer tells of it.
    Done(Vec<String>),
    /// One thing that was so before.
    Unchanged,
    /// What became of each item of a list, and what else was done.
    Items { items: Vec<String>, also: Vec<String>, replayed: bool },
    /// An answer that contradicts itself, which the model never expects.
    Muddle(String),
    /// What somebody sees.
    Seen(Vec<String>),
}

impl Outcome {
    /// The codes and the like, for counting.
    pub(super) fn words(&self) -> Vec<String> {
        match self {
            Outcome::Silence | Outcome::Seen(_) | Outcome::Muddle(_) => Vec::new(),
            Outcome::Refused(code) => vec![format!("refused {code}")],
            Outcome::Fails(code) => vec![code.clone()],
            Outcome::Done(_) => vec!["done".to_owned()],
            Outcome::Unchanged => vec!["unchanged".to_owned()],
            Outcome::Items { replayed: true, .. } => vec!["replayed".to_owned()],
            Outcome::Items { items, .. } => items.clone(),
        }
    }
}
