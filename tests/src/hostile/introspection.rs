//! Questions about the schema whose answers grow.

use super::{Kind, document, each, times};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "types of types of the schema",
        body: |n| {
            document(format!(
                "{{__schema{{types{{fields{{type{{{}name{}}}}}}}}}}}",
                times("ofType{", n),
                times("}", n)
            ))
        },
    },
    Kind {
        name: "fields of types of fields",
        body: |n| {
            document(format!("{{__schema{{types{{{}name{}}}}}}}", times("fields{type{", n), times("}}", n)))
        },
    },
    Kind {
        name: "fields of types of fields of one type",
        body: |n| {
            document(format!(
                "{{__type(name:\"Organization\"){{{}name{}}}}}",
                times("fields{type{", n),
                times("}}", n)
            ))
        },
    },
    Kind {
        name: "possible types of interfaces of types",
        body: |n| {
            document(format!(
                "{{__schema{{types{{{}name{}}}}}}}",
                times("possibleTypes{interfaces{", n),
                times("}}", n)
            ))
        },
    },
    Kind {
        name: "the schema again and again",
        body: |n| {
            document(format!(
                "{{{}}}",
                each(n, |i| format!("a{i}:__schema{{types{{name fields{{name}}}}}} "))
            ))
        },
    },
    Kind {
        name: "descriptions under many names",
        body: |n| {
            document(format!(
                "{{__schema{{types{{fields{{{}}}}}}}}}",
                each(n, |i| format!("a{i}:description "))
            ))
        },
    },
    Kind {
        name: "the schema in fragments",
        body: |n| {
            let fragments = each(n, |i| {
                format!(
                    " fragment t{i} on __Type{{fields{{type{{...t{0}}}}} inputFields{{type{{...t{0}}}}}}}",
                    i + 1
                )
            });
            document(format!("{{__schema{{types{{...t0}}}}}}{fragments} fragment t{n} on __Type{{name}}"))
        },
    },
];
