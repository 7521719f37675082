//! The trusted list: a JSON file of documents, each under its SHA-256 or another name, as the compilers of clients write it.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
    sync::Arc,
};

use async_graphql::{
    Name, Pos, Positioned, Request, Response, ServerError,
    parser::types::{
        Directive, ExecutableDocument, InlineFragment, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;
use futures_util::{FutureExt, StreamExt};

use super::Hash;
use crate::{
    config::ConfigError,
    graphql::Schema,
    http::guard::{self, Limits},
};

/// What a `documentId` begins with that is a hash.
const SHA256: &str = "sha256:";

#[derive(Debug, Default)]
pub(super) struct Trusted {
    documents: HashMap<Hash, Arc<str>>,
    names: HashMap<String, Hash>,
}

impl Trusted {
    /// Reads the file, and checks all of it.
    pub(super) fn load(file: &Path, schema: &Schema, limits: &Limits) -> Result<Self, ConfigError> {
        let wrong = |problem: String| {
            ConfigError::one(format!("documents.trusted_file ({}): {problem}", file.display()))
        };
        let text = fs::read_to_string(file).map_err(|e| wrong(format!("it cannot be read: {e}")))?;
        let listed: BTreeMap<String, String> = serde_json::from_str(&text)
            .map_err(|e| wrong(format!("it should be a JSON object of names and documents: {e}")))?;
        let (mut trusted, mut problems) = (Self::default(), Vec::new());
        for (name, document) in listed {
            let hash = Hash::of(&document);
            let named = name.strip_prefix(SHA256).map(Hash::from_hex);
            if named.is_some_and(|named| named != Some(hash)) {
                problems.push(format!("{name} is not the SHA-256 of its document"));
            }
            if let Err(error) = check(&document, schema, limits) {
                problems.push(format!("{name} is not valid: {}", error.message));
            }
            trusted.documents.insert(hash, document.into());
            trusted.names.insert(name, hash);
        }
        if problems.is_empty() { Ok(trusted) } else { Err(wrong(problems.join("; "))) }
    }

    /// By its name in the file, or by `sha256:` and its hash.
    pub(super) fn by_id(&self, id: &str) -> Option<Arc<str>> {
        let hash = match self.names.get(id) {
            Some(hash) => *hash,
            None => Hash::from_hex(id.strip_prefix(SHA256)?)?,
        };
        self.by_hash(&hash)
    }

    pub(super) fn by_hash(&self, hash: &Hash) -> Option<Arc<str>> {
        self.documents.get(hash).cloned()
    }
}

/// Has the library validate a document. It does that when it executes one, so all of it is skipped.
fn check(text: &str, schema: &Schema, limits: &Limits) -> Result<(), ServerError> {
    let mut document = guard::review(text, limits)?;
    let name = document.operations.iter().next().and_then(|(name, _)| name.map(Name::to_string));
    skip_all(&mut document);
    let mut request = Request::new(text);
    request.operation_name = name;
    request.set_parsed_query(document);
    let answers = schema.execute_stream(request).collect::<Vec<Response>>();
    let answers = answers.now_or_never().expect("there is nothing to wait for");
    match answers.into_iter().flat_map(|answer| answer.errors).next() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn skip_all(document: &mut ExecutableDocument) {
    use async_graphql::parser::types::DocumentOperations::{Multiple, Single};
    match &mut document.operations {
        Single(operation) => skip(&mut operation.node),
        Multiple(operations) => operations.values_mut().for_each(|operation| skip(&mut operation.node)),
    }
}

/// `{ … @skip(if: true) { … } }`
fn skip(operation: &mut OperationDefinition) {
    fn at<T>(node: T) -> Positioned<T> {
        Positioned::new(node, Pos::default())
    }
    let selection_set =
        std::mem::replace(&mut operation.selection_set, at(SelectionSet { items: Vec::new() }));
    let directive = Directive {
        name: at(Name::new("skip")),
        arguments: vec![(at(Name::new("if")), at(Value::Boolean(true)))],
    };
    let skipped = InlineFragment { type_condition: None, directives: vec![at(directive)], selection_set };
    operation.selection_set.node.items.push(at(Selection::InlineFragment(at(skipped))));
}
