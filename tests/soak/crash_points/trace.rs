//! Which crash points a process has come to, as its log says it; and how it is told to die at one of them.

use std::fmt;

use roster_entity::CrashPoint;
use sea_orm::Iterable;

/// What a process is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `roster serve`.
    Api,
    /// `roster worker`.
    Worker,
    /// `roster` without a subcommand: both in one.
    Both,
}

/// A moment in the life of a process: it comes to a point, after it has been there so often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) part: Part,
    pub(super) point: CrashPoint,
    pub(super) earlier: usize,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} number {}", self.part, self.point.name(), self.earlier + 1)
    }
}

/// All points in a log, in their order.
pub(super) fn points(log: &str) -> Vec<CrashPoint> {
    log.lines().filter_map(point).collect()
}

fn point(line: &str) -> Option<CrashPoint> {
    let (_, rest) = line.split_once("fail: failpoint ")?;
    let name = rest.strip_suffix(" executed.").unwrap();
    Some(CrashPoint::iter().find(|point| point.name() == name).unwrap())
}

/// The line that says that a process has come to a point.
pub(super) fn line(point: CrashPoint) -> String {
    format!("failpoint {} executed.", point.name())
}

/// The steps that a process took after the first `before` points of its life, without those of the sweep, which is not
/// a part of the story.
pub(super) fn steps(part: Part, points: &[CrashPoint], before: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, point) in points.iter().copied().enumerate().skip(before) {
        if point == CrashPoint::Swept {
            // A sweep is this point, and a statement.
            let statement = steps.iter().rposition(|step: &Step| step.point == CrashPoint::Statement);
            steps.remove(statement.unwrap());
        } else {
            let earlier = points[..at].iter().filter(|other| **other == point).count();
            steps.push(Step { part, point, earlier });
        }
    }
    steps
}

/// What the variable `FAILPOINTS` has to be so that a process says where it is, and dies at this step.
pub(super) fn failpoints(death: Option<Step>) -> String {
    let action = |point: CrashPoint| match death {
        Some(step) if step.point == point => format!("{}={}*print->return", point.name(), step.earlier),
        _ => format!("{}=print", point.name()),
    };
    CrashPoint::iter().map(action).collect::<Vec<_>>().join(";")
}
