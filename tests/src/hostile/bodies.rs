//! Bodies that are no good JSON, or hold much beside the request.

use super::{Kind, each, times};

const HELLO: &str = r#"{"query":"{__typename}""#;

pub(super) const KINDS: &[Kind] = &[
    Kind { name: "body: deep lists", body: |n| format!("{}{}", times("[", n), times("]", n)).into() },
    Kind { name: "body: lists that are only opened", body: |n| times("[", n).into() },
    Kind { name: "body: objects that are only opened", body: |n| times(r#"{"query":"#, n).into() },
    Kind { name: "body: white space", body: |n| format!("{}{HELLO}}}", times(" \n", n)).into() },
    Kind { name: "body: nothing but white space", body: |n| times("\t", n).into() },
    Kind {
        name: "body: keys that nobody asks for",
        body: |n| format!("{HELLO}{}}}", each(n, |i| format!(r#","k{i}":1"#))).into(),
    },
    Kind {
        name: "body: a deep value that nobody asks for",
        body: |n| format!(r#"{HELLO},"x":{}{}}}"#, times("[", n), times("]", n)).into(),
    },
    Kind {
        name: "body: a long value that nobody asks for",
        body: |n| format!(r#"{HELLO},"x":[{}1]}}"#, times("1,", n)).into(),
    },
    Kind {
        name: "body: the query again and again",
        body: |n| format!("{{{}\"z\":1}}", times(r#""query":"{__typename}","#, n)).into(),
    },
    Kind {
        name: "body: long extensions",
        body: |n| {
            format!(r#"{HELLO},"extensions":{{{}"z":1}}}}"#, each(n, |i| format!(r#""k{i}":[{{}}],"#))).into()
        },
    },
    Kind {
        name: "body: a long hash",
        body: |n| {
            format!(
                r#"{{"extensions":{{"persistedQuery":{{"version":1,"sha256Hash":"{}"}}}}}}"#,
                times("0", n)
            )
            .into()
        },
    },
    Kind {
        name: "body: a long documentId",
        body: |n| format!(r#"{{"documentId":"{}"}}"#, times("x", n)).into(),
    },
    Kind {
        name: "body: a long operationName",
        body: |n| format!(r#"{HELLO},"operationName":"{}"}}"#, times("x", n)).into(),
    },
    Kind {
        name: "body: a long text where an object belongs",
        body: |n| format!(r#"{HELLO},"variables":"{}"}}"#, times("x", n)).into(),
    },
    Kind {
        name: "body: a long text where a document belongs",
        body: |n| format!(r#"{{"query":["{}"]}}"#, times("x", n)).into(),
    },
    Kind { name: "body: a batch of nothing", body: |n| format!("[{}{{}}]", times("{},", n)).into() },
    Kind { name: "body: a batch of numbers", body: |n| format!("[{}1]", times("1,", n)).into() },
    Kind {
        name: "body: a batch",
        body: |n| format!("[{}{HELLO}}}]", times(&format!("{HELLO}}},"), n)).into(),
    },
    Kind {
        name: "body: no UTF-8",
        body: |n| [HELLO.as_bytes(), &vec![0xff; n.min(1_000_000)], b"}"].concat(),
    },
    Kind {
        name: "body: a text of no UTF-8",
        body: |n| [&br#"{"query":""#[..], &vec![0xc3; n.min(1_000_000)], br#""}"#].concat(),
    },
    Kind {
        name: "body: halves of surrogates",
        body: |n| format!(r#"{{"query":"{}"}}"#, times("\\ud800", n)).into(),
    },
    Kind { name: "body: zeros", body: |n| vec![0; n.min(1_000_000)] },
];
