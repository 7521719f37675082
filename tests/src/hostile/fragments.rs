//! Documents with fragments that spread fragments.

use super::{Kind, document, each, times};

pub(super) const KINDS: &[Kind] = &[
    Kind { name: "a bomb of fragments", body: |n| document(format!("{{...f0}}{}", bomb(n))) },
    Kind { name: "a bomb that nobody spreads", body: |n| document(format!("{{__typename}}{}", bomb(n))) },
    Kind {
        name: "a bomb in inline fragments",
        body: |n| {
            let fragments =
                each(n, |i| format!(" fragment f{i} on Query{{...{{...f{0}}} ...{{...f{0}}}}}", i + 1));
            document(format!("{{...f0}}{fragments} fragment f{n} on Query{{__typename}}"))
        },
    },
    Kind { name: "fragments in a chain", body: |n| document(format!("{{...f0}}{}", chain(n, "...", ""))) },
    Kind {
        name: "a chain that nobody spreads",
        body: |n| document(format!("{{__typename}}{}", chain(n, "...", ""))),
    },
    Kind {
        name: "a chain of nested inline fragments",
        body: |n| {
            document(format!(
                "{{...f0}}{}",
                chain(n.min(50), &format!("{}...", times("...{", n)), &times("}", n))
            ))
        },
    },
    Kind {
        name: "fragments that spread all others after them",
        body: |n| {
            let n = n.min(400);
            let spreads = |from: usize| each(n - from, |i| format!("...f{} ", from + i + 1));
            let fragments = each(n, |i| format!(" fragment f{i} on Query{{{}}}", spreads(i)));
            document(format!("{{...f0}}{fragments} fragment f{n} on Query{{__typename}}"))
        },
    },
    Kind {
        name: "the same that nobody spreads",
        body: |n| {
            let n = n.min(400);
            let spreads = |from: usize| each(n - from, |i| format!("...f{} ", from + i + 1));
            let fragments = each(n, |i| format!(" fragment f{i} on Query{{{}}}", spreads(i)));
            document(format!("{{__typename}}{fragments} fragment f{n} on Query{{__typename}}"))
        },
    },
    Kind {
        name: "fragments in a circle",
        body: |n| {
            document(format!(
                "{{...f0}}{} fragment f{n} on Query{{...f0}}",
                each(n, |i| format!(" fragment f{i} on Query{{...f{}}}", i + 1))
            ))
        },
    },
    Kind {
        name: "fragments that nobody spreads",
        body: |n| {
            document(format!(
                "{{__typename}}{}",
                each(n, |i| format!(" fragment f{i} on Query{{__typename}}"))
            ))
        },
    },
    Kind {
        name: "a fragment spread again and again",
        body: |n| {
            document(format!(
                "{{{}}} fragment f on Query{{viewer{{user{{id name email}}}}}}",
                times("...f ", n)
            ))
        },
    },
    Kind {
        name: "a fragment spread in each of many operations",
        body: |n| {
            let fields = each(n, |i| format!("a{i}:__typename "));
            document(format!(
                "{} fragment f on Query{{{fields}}}",
                each(n.min(20), |i| format!("query q{i}{{...f}} "))
            ))
        },
    },
    Kind {
        name: "unknown fragments",
        body: |n| document(format!("{{{}}}", each(n, |i| format!("...f{i} ")))),
    },
    Kind {
        name: "fragments of one name",
        body: |n| document(format!("{{...f}}{}", times(" fragment f on Query{__typename}", n))),
    },
    Kind {
        name: "fragments on unknown types",
        body: |n| document(format!("{{__typename}}{}", each(n, |i| format!(" fragment f{i} on T{i}{{a}}")))),
    },
    Kind {
        name: "fragments that cannot fit",
        body: |n| document(format!("{{viewer{{{}}}}}", times("...on Query{__typename} ", n))),
    },
    Kind {
        name: "inline fragments in inline fragments",
        body: |n| document(format!("{{{}__typename{}}}", times("...{", n), times("}", n))),
    },
    Kind {
        name: "inline fragments beside each other",
        body: |n| document(format!("{{{}}}", times("...{__typename}", n))),
    },
    Kind {
        name: "many fields in deep inline fragments",
        body: |n| {
            let fields = each(n, |i| format!("f{i} "));
            document(format!("{{{}{fields}{}}}", times("...{", n.min(46)), times("}", n.min(46))))
        },
    },
    Kind {
        name: "conflicts in deep inline fragments",
        body: |n| {
            let fields = each(n, |i| format!("a:f{i} "));
            document(format!("{{{}{fields}{}}}", times("...{", n.min(46)), times("}", n.min(46))))
        },
    },
    Kind {
        name: "many selections that spread one wide fragment",
        body: |n| {
            let wide = each(n, |i| format!("f{i} "));
            document(format!("{{{}}} fragment f on Query{{{wide}}}", times("...{...f} ", n)))
        },
    },
];

/// Two spreads in each: 2^n fields.
fn bomb(levels: usize) -> String {
    let fragments = each(levels, |i| format!(" fragment f{i} on Query{{...f{0} ...f{0}}}", i + 1));
    format!("{fragments} fragment f{levels} on Query{{__typename}}")
}

fn chain(length: usize, before: &str, after: &str) -> String {
    let fragments = each(length, |i| format!(" fragment f{i} on Query{{{before}f{}{after}}}", i + 1));
    format!("{fragments} fragment f{length} on Query{{__typename}}")
}
