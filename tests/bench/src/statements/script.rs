//! From the statements of one request to a script for pgbench that sends them again and again. What differs from request to
//! request is put together from numbers.

use anyhow::{Context, Result};
use sea_orm::sqlx::{AssertSqlSafe, Either, Executor, PgPool, SqlSafeStr, Statement as _, TypeInfo};

use super::Statement;

/// A script with its variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) text: String,
    /// Names and values.
    pub(crate) variables: Vec<(String, String)>,
}

/// A piece of text in parameters that stands for something else in each request.
#[derive(Clone, Debug)]
pub(crate) struct Substitute {
    /// The text.
    pub(crate) text: String,
    /// The SQL expression, with variables of pgbench, of the text that takes its place.
    pub(crate) expression: String,
}

impl Script {
    /// The statements, after `head`, which computes the variables of the expressions.
    pub(crate) async fn of(
        db: &PgPool,
        head: &str,
        statements: &[Statement],
        substitutes: &[Substitute],
    ) -> Result<Self> {
        let mut script = Self { text: head.to_owned(), variables: Vec::new() };
        for statement in statements {
            let types = match statement.parameters.is_empty() {
                true => Vec::new(),
                false => types_of(db, &statement.text).await?,
            };
            script.add(statement, &types, substitutes);
        }
        Ok(script)
    }

    fn add(&mut self, statement: &Statement, types: &[String], substitutes: &[Substitute]) {
        let values = statement.parameters.iter().enumerate().map(|(index, value)| {
            let kind = types.get(index).map(String::as_str).unwrap_or("text");
            let Some(value) = value else { return format!("NULL::{kind}") };
            let pieces = pieces(value, substitutes);
            let texts: Vec<_> = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Same(text) => self.variable(text),
                    Piece::Other(expression) => (*expression).to_owned(),
                })
                .collect();
            match pieces.as_slice() {
                [Piece::Same(_)] => texts.concat(),
                _ => format!("({})::{kind}", texts.join(" || ")),
            }
        });
        let values: Vec<_> = values.collect();
        self.text.push_str(&with_values(&statement.text, &values));
        self.text.push_str(";\n");
    }

    fn variable(&mut self, value: &str) -> String {
        let known = self.variables.iter().find(|(_, other)| other == value);
        let name = match known {
            Some((name, _)) => name.clone(),
            None => {
                let name = format!("value{}", self.variables.len());
                self.variables.push((name.clone(), value.to_owned()));
                name
            }
        };
        format!(":{name}")
    }
}

#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Same(&'a str),
    Other(&'a str),
}

/// A value, cut where something else takes the place of a text.
fn pieces<'a>(value: &'a str, substitutes: &'a [Substitute]) -> Vec<Piece<'a>> {
    let first = substitutes.iter().filter_map(|other| Some((value.find(&other.text)?, other)));
    let Some((start, other)) = first.min_by_key(|(start, _)| *start) else { return vec![Piece::Same(value)] };
    let before = (start > 0).then(|| Piece::Same(&value[..start]));
    let rest = &value[start + other.text.len()..];
    let after = if rest.is_empty() { Vec::new() } else { pieces(rest, substitutes) };
    before.into_iter().chain([Piece::Other(&other.expression)]).chain(after).collect()
}

/// A statement with these values for `$1` and so on.
fn with_values(text: &str, values: &[String]) -> String {
    let mut parts = text.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let value =
            part[..digits].parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?));
        match value {
            Some(value) => filled.push_str(&format!("{value}{}", &part[digits..])),
            None => filled.push_str(&format!("${part}")),
        }
    }
    filled
}

/// The types that PostgreSQL finds for the parameters of a statement.
async fn types_of(db: &PgPool, statement: &str) -> Result<Vec<String>> {
    let prepared = db.prepare(AssertSqlSafe(statement.to_owned()).into_sql_str()).await;
    let prepared = prepared
        .with_context(|| format!("PostgreSQL cannot tell the types of the parameters of: {statement}"))?;
    Ok(match prepared.parameters() {
        Some(Either::Left(types)) => types.iter().map(|kind| kind.name().to_owned()).collect(),
        _ => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(statement: &str, parameters: &[Option<&str>], substitutes: &[Substitute]) -> Script {
        let parameters: Vec<_> = parameters.iter().map(|value| value.map(str::to_owned)).collect();
        let types = vec!["uuid".to_owned(); parameters.len()];
        let mut script = Script { text: String::new(), variables: Vec::new() };
        script.add(&Statement { text: statement.to_owned(), parameters }, &types, substitutes);
        script
    }

    #[test]
    fn parameters_become_variables() {
        let made = script("SELECT $10, $1, $2", &[Some("a"), None, Some("a")], &[]);
        assert_eq!(made.text, "SELECT $10, :value0, NULL::uuid;\n");
        assert_eq!(made.variables, [("value0".to_owned(), "a".to_owned())]);
    }

    #[test]
    fn what_differs_is_put_together() {
        let number = Substitute { text: "0042".to_owned(), expression: "lpad(:n, 4, '0')".to_owned() };
        let made = script("DELETE $1", &[Some("{x-0042,y-0042}")], &[number]);
        let expected =
            "DELETE (:value0 || lpad(:n, 4, '0') || :value1 || lpad(:n, 4, '0') || :value2)::uuid;\n";
        assert_eq!(made.text, expected);
        assert_eq!(
            made.variables.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
            ["{x-", ",y-", "}"]
        );
    }
}
