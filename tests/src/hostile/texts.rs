//! Documents with long texts, names and numbers.

use super::{Kind, document, each, times};

pub(super) const KINDS: &[Kind] = &[
    Kind { name: "a long text", body: |n| document(id(&format!("\"{}\"", times("x", n)))) },
    Kind { name: "a long text of escapes", body: |n| document(id(&format!("\"{}\"", times("\\u0041", n)))) },
    Kind {
        name: "a text of broken escapes",
        body: |n| document(id(&format!("\"{}\"", times("\\ud800", n)))),
    },
    Kind { name: "a text that does not end", body: |n| document(format!("{{node(id:\"{}", times("x", n))) },
    Kind {
        name: "a text that ends in a backslash",
        body: |n| document(format!("{{node(id:\"{}", times("\\", n))),
    },
    Kind { name: "a block of text", body: |n| document(id(&format!("\"\"\"{}\"\"\"", times("x", n)))) },
    Kind { name: "a block of quotes", body: |n| document(id(&format!("\"\"\"{}\"\"\"", times("\"\" ", n)))) },
    Kind {
        name: "a block of escaped quotes",
        body: |n| document(id(&format!("\"\"\"{}\"\"\"", times("\\\"\"\"", n)))),
    },
    Kind {
        name: "a block of indented lines",
        body: |n| document(id(&format!("\"\"\"{}\"\"\"", each(n, |i| format!("\n{}x", " ".repeat(i % 50)))))),
    },
    Kind {
        name: "a block of empty lines",
        body: |n| document(id(&format!("\"\"\"{}\"\"\"", times("\r\n", n)))),
    },
    Kind {
        name: "a block that does not end",
        body: |n| document(format!("{{node(id:\"\"\"{}", times("x\"", n))),
    },
    Kind { name: "short texts", body: |n| document(format!("{{nodes(ids:[{}]){{id}}}}", times("\"\"", n))) },
    Kind { name: "a long comment", body: |n| document(format!("{{__typename}}#{}", times("x", n))) },
    Kind { name: "comments", body: |n| document(format!("{{__typename}}{}", times("#\n", n))) },
    Kind { name: "comments between all tokens", body: |n| document(times("{#\na#\n", n)) },
    Kind { name: "commas", body: |n| document(format!("{{{}__typename}}", times(",", n))) },
    Kind { name: "white space", body: |n| document(format!("{{{}__typename}}", times(" \t\n", n))) },
    Kind { name: "byte order marks", body: |n| document(format!("{{{}__typename}}", times("\u{feff}", n))) },
    Kind { name: "letters that are none", body: |n| document(format!("{{{}}}", times("é\u{202e}😀", n))) },
    Kind { name: "control characters", body: |n| document(format!("{{{}}}", times("\0\u{1}\u{7f}", n))) },
    Kind { name: "a long name", body: |n| document(format!("{{{}}}", times("x", n))) },
    Kind {
        name: "long names of arguments",
        body: |n| {
            let name = times("x", n.min(20_000));
            document(format!(
                "{{viewer @include({name}1:true {name}2:true){{user{{id}}}} node({name}:1){{id}}}}"
            ))
        },
    },
    Kind {
        name: "a long alias in many conflicts",
        body: |n| {
            let name = times("x", n);
            document(format!("{{{}}}", each(n.min(200), |i| format!("{name}:f{i} "))))
        },
    },
    Kind {
        name: "a long name of a fragment",
        body: |n| {
            let name = times("x", n);
            document(format!("{{...{name}}} fragment {name} on Query{{...{name}}}"))
        },
    },
    Kind {
        name: "a long name of an operation, and many errors",
        body: |n| {
            let errors = each(n.min(500), |i| format!("a{i}:node(id:$v{i}){{id}} "));
            document(format!("query {}{{{errors}}}", times("x", n)))
        },
    },
    Kind { name: "a number of many digits", body: |n| document(id(&format!("1{}", times("0", n)))) },
    Kind { name: "a fraction of many digits", body: |n| document(id(&format!("0.{}1", times("0", n)))) },
    Kind { name: "a huge exponent", body: |n| document(id(&format!("1e{}", times("9", n)))) },
    Kind { name: "minus signs", body: |n| document(id(&times("-", n))) },
    Kind { name: "dots", body: |n| document(times(".", n)) },
    Kind { name: "dollars", body: |n| document(id(&times("$", n))) },
    Kind {
        name: "an id with a long prefix",
        body: |n| document(id(&format!("\"{}_01h455vb4pex5vsknk084sn02q\"", times("é", n)))),
    },
    Kind {
        name: "a large page",
        body: |n| document(format!("{{viewer{{organizations(first:1{}){{nodes{{id}}}}}}}}", times("0", n))),
    },
];

fn id(value: &str) -> String {
    format!("{{node(id:{value}){{id}}}}")
}
