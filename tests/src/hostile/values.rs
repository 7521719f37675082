//! Variables that are long, deep or used often.

use super::{Kind, each, times, with_variables};

const NODE: &str = "query($x:ID!){node(id:$x){id}}";
const NODES: &str = "query($x:[ID!]!){nodes(ids:$x){id}}";

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "variable: a list",
        body: |n| with_variables(NODES, &format!(r#"{{"x":[{}0]}}"#, times("0,", n))),
    },
    Kind {
        name: "variable: lists in a list",
        body: |n| {
            let inner = format!("[{}0]", times("0,", n.isqrt()));
            with_variables(
                NODES,
                &format!(r#"{{"x":[{}{inner}]}}"#, each(n.isqrt(), |_| format!("{inner},"))),
            )
        },
    },
    Kind {
        name: "variable: a deep list",
        body: |n| with_variables(NODES, &format!(r#"{{"x":{}{}}}"#, times("[", n), times("]", n))),
    },
    Kind {
        name: "variable: a deep object",
        body: |n| with_variables(NODE, &format!(r#"{{"x":{}1{}}}"#, times(r#"{"a":"#, n), times("}", n))),
    },
    Kind {
        name: "variable: a wide object",
        body: |n| {
            with_variables(NODE, &format!(r#"{{"x":{{{}"z":1}}}}"#, each(n, |i| format!(r#""k{i}":1,"#))))
        },
    },
    Kind {
        name: "variable: a key again and again",
        body: |n| with_variables(NODE, &format!(r#"{{"x":{{{}"k":1}}}}"#, times(r#""k":1,"#, n))),
    },
    Kind {
        name: "variable: a long text",
        body: |n| with_variables(NODE, &format!(r#"{{"x":"{}"}}"#, times("x", n))),
    },
    Kind {
        name: "variable: a text of escapes",
        body: |n| with_variables(NODE, &format!(r#"{{"x":"{}"}}"#, times("\\u0000", n))),
    },
    Kind {
        name: "variable: a number of many digits",
        body: |n| with_variables(NODE, &format!(r#"{{"x":1{}}}"#, times("0", n))),
    },
    Kind {
        name: "variable: numbers of many digits",
        body: |n| {
            let number = format!("0.{}1,", times("0", 300));
            with_variables(NODES, &format!(r#"{{"x":[{}1]}}"#, times(&number, n)))
        },
    },
    Kind {
        name: "variable: a huge exponent",
        body: |n| with_variables(NODE, &format!(r#"{{"x":1e-{}}}"#, times("9", n))),
    },
    Kind {
        name: "variable: empty objects",
        body: |n| with_variables(NODES, &format!(r#"{{"x":[{}{{}}]}}"#, times("{},", n))),
    },
    Kind {
        name: "variables that nobody asks for",
        body: |n| {
            with_variables("{__typename}", &format!(r#"{{{}"z":1}}"#, each(n, |i| format!(r#""v{i}":1,"#))))
        },
    },
    Kind {
        name: "a long list in many places",
        body: |n| {
            let uses = each(n.min(500), |_| "nodes(ids:$x){id} ".to_owned());
            with_variables(
                &format!("query($x:[ID!]!){{viewer{{user{{id}}}} {uses}}}"),
                &format!(r#"{{"x":[{}"x"]}}"#, times(r#""x","#, n)),
            )
        },
    },
    Kind {
        name: "lists of a long list in many places",
        body: |n| {
            let uses = each(n.min(30), |i| format!("a{i}:nodes(ids:$x){{id}} "));
            let inner = format!("[{}0]", times("0,", n.min(4_000)));
            with_variables(
                &format!("query($x:[ID!]!){{{uses}}}"),
                &format!(r#"{{"x":[{}{inner}]}}"#, each(n.min(100), |_| format!("{inner},"))),
            )
        },
    },
    Kind {
        name: "a long text in many places",
        body: |n| {
            let uses = each(n.min(500), |_| "node(id:$x){id} ".to_owned());
            with_variables(&format!("query($x:ID!){{{uses}}}"), &format!(r#"{{"x":"{}"}}"#, times("x", n)))
        },
    },
    Kind {
        name: "a long text in many items",
        body: |n| {
            let uses = times("$x ", n.min(3_000));
            with_variables(
                &format!("query($x:ID!){{nodes(ids:[{uses}]){{id}}}}"),
                &format!(r#"{{"x":"{}"}}"#, times("x", n)),
            )
        },
    },
    Kind {
        name: "a long text in many directives",
        body: |n| {
            let uses = times("@include(if:$x) ", n.min(45));
            with_variables(
                &format!("query($x:Boolean!){{viewer {uses}{{user{{id}}}}}}"),
                &format!(r#"{{"x":"{}"}}"#, times("x", n)),
            )
        },
    },
    Kind {
        name: "a long text where an enum belongs",
        body: |n| {
            let uses = each(n.min(30), |i| {
                format!("a{i}:organization(slug:\"x\"){{members(filter:{{status:$x}}){{totalCount}}}} ")
            });
            with_variables(
                &format!("query($x:[MemberStatus!]){{{uses}}}"),
                &format!(r#"{{"x":"{}"}}"#, times("x", n)),
            )
        },
    },
    Kind {
        name: "a list in a list of mutations",
        body: |n| {
            let uses = each(n.min(20), |i| format!("m{i}:removeMembers(input:$x){{message}} "));
            with_variables(
                &format!("mutation($x:RemoveMembersInput!){{{uses}}}"),
                &format!(
                    r#"{{"x":{{"organizationId":"x","members":[{}{{"id":"x"}}]}}}}"#,
                    times(r#"{"id":"x"},"#, n)
                ),
            )
        },
    },
];
