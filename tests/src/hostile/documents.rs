//! Documents with too much of something: brackets, fields, arguments, directives, variables, operations.

use super::{Kind, document, each, times};

pub(super) const KINDS: &[Kind] = &[
    Kind { name: "lists in lists", body: |n| document(nested("[", "]", n)) },
    Kind { name: "objects in objects", body: |n| document(nested("{a:", "}", n)) },
    Kind { name: "lists and objects in turn", body: |n| document(nested("[{a:", "}]", n)) },
    Kind {
        name: "fields in fields",
        body: |n| document(format!("{{ {}a{} }}", times("a{", n), times("}", n))),
    },
    Kind {
        name: "fields in fields that exist",
        body: |n| {
            let down = "organization{viewerMember{";
            document(format!(
                "{{ viewer{{organizations{{nodes{{viewerMember{{{}id{}}}}}}}}} }}",
                times(down, n),
                times("}}", n)
            ))
        },
    },
    Kind {
        name: "types in types",
        body: |n| document(format!("query($a:{}Int{}){{__typename}}", times("[", n), times("]", n))),
    },
    Kind { name: "brackets that are only opened", body: |n| document(times("(", n)) },
    Kind { name: "braces that are only opened", body: |n| document(times("{a", n)) },
    Kind { name: "brackets that are only closed", body: |n| document(times("}", n)) },
    Kind { name: "brackets of the wrong kind", body: |n| document(times("{a([", n)) },
    Kind { name: "the same field again", body: |n| document(format!("{{{}}}", times(" __typename", n))) },
    Kind { name: "unknown fields", body: |n| document(format!("{{{}}}", each(n, |i| format!(" f{i}")))) },
    Kind {
        name: "unknown fields in a known one",
        body: |n| document(format!("{{viewer{{{}}}}}", each(n, |i| format!(" f{i}")))),
    },
    Kind { name: "aliases", body: |n| document(format!("{{{}}}", each(n, |i| format!(" a{i}:__typename")))) },
    Kind {
        name: "aliases of a field with arguments",
        body: |n| document(format!("{{{}}}", each(n, |i| format!(" a{i}:node(id:\"member_{i}\"){{id}}")))),
    },
    Kind {
        name: "one name for different fields",
        body: |n| document(format!("{{viewer{{user{{{}}}}}}}", each(n, |i| format!(" a:f{i}")))),
    },
    Kind {
        name: "one name for different arguments",
        body: |n| document(format!("{{{}}}", each(n, |i| format!(" node(id:\"{i}\"){{id}}")))),
    },
    Kind {
        name: "two fields with many arguments",
        body: |n| {
            let arguments = each(n, |i| format!("a{i}:1 "));
            document(format!("{{node({arguments}){{id}} node({arguments}){{id}}}}"))
        },
    },
    Kind {
        name: "two fields with many arguments, deep in fragments",
        body: |n| {
            let arguments = each(n, |i| format!("a{i}:1 "));
            document(format!(
                "{{{}node({arguments}){{id}} node({arguments}){{id}}{}}}",
                times("...{", 20),
                times("}", 20)
            ))
        },
    },
    Kind {
        name: "many fields with many arguments",
        body: |n| {
            let arguments = each(n.isqrt(), |i| format!("a{i}:1 "));
            document(format!("{{{}}}", each(n.isqrt(), |_| format!("node({arguments}){{id}} "))))
        },
    },
    Kind {
        name: "an argument again and again",
        body: |n| document(format!("{{node({}){{id}}}}", times("id:1 ", n))),
    },
    Kind {
        name: "directives",
        body: |n| document(format!("{{__typename {}}}", times("@include(if:true)", n))),
    },
    Kind {
        name: "directives of an operation",
        body: |n| document(format!("query {}{{__typename}}", times("@skip(if:false)", n))),
    },
    Kind {
        name: "directives of a variable",
        body: |n| document(format!("query($a:Int {}){{__typename}}", times("@x", n))),
    },
    Kind {
        name: "unknown directives",
        body: |n| document(format!("{{__typename {}}}", each(n, |i| format!("@d{i} ")))),
    },
    Kind {
        name: "a directive with unknown arguments",
        body: |n| {
            document(format!("{{viewer @include({}) {{user{{id}}}}}}", each(n, |i| format!("if{i}:true "))))
        },
    },
    Kind {
        name: "variables",
        body: |n| document(format!("query({}){{__typename}}", each(n, |i| format!("$v{i}:Int ")))),
    },
    Kind {
        name: "variables of an unknown type",
        body: |n| document(format!("query({}){{__typename}}", each(n, |i| format!("$v{i}:T{i} ")))),
    },
    Kind {
        name: "a variable again and again",
        body: |n| document(format!("query({}){{__typename}}", times("$v:Int ", n))),
    },
    Kind {
        name: "variables with default values",
        body: |n| {
            document(format!("query({}){{__typename}}", each(n, |i| format!("$v{i}:[Int]=[1,2,3,4] "))))
        },
    },
    Kind {
        name: "unknown variables",
        body: |n| document(format!("{{nodes(ids:[{}]){{id}}}}", each(n, |i| format!("$v{i} ")))),
    },
    Kind {
        name: "unknown variables for many operations",
        body: |n| {
            let operations = each(n.clamp(1, 20), |i| format!("query q{i}{{...f}} "));
            document(format!(
                "{operations} fragment f on Query{{nodes(ids:[{}]){{id}}}}",
                each(n, |i| format!("$v{i} "))
            ))
        },
    },
    Kind { name: "operations", body: |n| document(each(n, |i| format!("query q{i}{{__typename}} "))) },
    Kind { name: "operations without names", body: |n| document(times("{__typename}", n)) },
    Kind { name: "operations of one name", body: |n| document(times("query q{__typename}", n)) },
    Kind {
        name: "mutations",
        body: |n| {
            document(format!(
                "mutation{{{}}}",
                each(n, |i| format!(" m{i}:createOrganization(input:{{name:\"Acme {i}\"}}){{message}}"))
            ))
        },
    },
    Kind { name: "a subscription", body: |n| document(format!("subscription{{{}}}", times(" a", n))) },
    Kind {
        name: "pages in pages",
        body: |n| {
            let down = "organization{members(first:100){nodes{";
            document(format!(
                "{{viewer{{organizations{{nodes{{viewerMember{{{}id{}}}}}}}}}}}",
                times(down, n),
                times("}}}", n)
            ))
        },
    },
    Kind {
        name: "wide pages",
        body: |n| {
            document(format!(
                "{{viewer{{organizations(first:100){{nodes{{{}}}}}}}}}",
                each(n, |i| format!("a{i}:id "))
            ))
        },
    },
    Kind {
        name: "items in an argument",
        body: |n| document(format!("{{nodes(ids:[{}]){{id}}}}", times("\"x\" ", n))),
    },
    Kind {
        name: "fields of an input object",
        body: |n| {
            document(format!(
                "mutation{{createOrganization(input:{{{}}}){{message}}}}",
                each(n, |i| format!("f{i}:1 "))
            ))
        },
    },
    Kind {
        name: "a field of an input object again and again",
        body: |n| {
            document(format!(
                "mutation{{createOrganization(input:{{{}}}){{message}}}}",
                times("name:\"x\" ", n)
            ))
        },
    },
    Kind {
        name: "input objects in a list",
        body: |n| {
            document(format!(
                "mutation{{removeMembers(input:{{members:[{}]}}){{message}}}}",
                times("{id:\"x\"}", n)
            ))
        },
    },
    Kind {
        name: "items of a fragment that is spread often",
        body: |n| {
            let items = times("\"x\" ", n);
            document(format!(
                "{{{}}} fragment f on Query{{nodes(ids:[{items}]){{id}}}}",
                each(n.min(30), |_| "...f ".to_owned())
            ))
        },
    },
    Kind {
        name: "nothing but definitions of a schema",
        body: |n| document(each(n, |i| format!("type T{i}{{a:Int}} "))),
    },
];

fn nested(open: &str, close: &str, levels: usize) -> String {
    format!("{{node(id:{}1{}){{id}}}}", times(open, levels), times(close, levels))
}
