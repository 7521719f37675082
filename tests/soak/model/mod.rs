//! Stories that chance writes, each played in Roster and in a model that knows nothing but the rules of PRODUCT.md: both must
//! answer, show and send the same. A story in which they part is made as short as it can be, told, and kept in
//! `regressions.txt`, with which each run begins.

mod answer;
mod beginning;
mod generate;
mod mails;
mod operation;
mod outcome;
mod perform;
mod play;
mod rules;
mod seen;
mod stage;
mod state;
mod tally;

use std::{cell::RefCell, thread};

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError, TestError, TestRunner};
use proptest_state_machine::ReferenceStateMachine;
use roster_tests::{Effort, On, Roster};

use self::{generate::Story, play::play, tally::Tally};

/// How many stories are played at a time.
const STAGES: usize = 2;

/// After so many stories a new Roster is started, so that none grows too old.
const STORIES_OF_A_ROSTER: usize = 50;

/// What must have come about in a long run: the codes of PRODUCT.md section 4.
const ESSENTIAL: &[&str] = &[
    "inviteMembers: INVALID_EMAIL",
    "inviteMembers: DUPLICATE_IN_REQUEST",
    "inviteMembers: ALREADY_MEMBER",
    "inviteMembers: ALREADY_INVITED",
    "inviteMembers: GROUP_NOT_FOUND",
    "inviteMembers: ROLE_ABOVE_YOURS",
    "inviteMembers: PERMISSION_ABOVE_YOURS",
    "inviteMembers: refused NOT_FOUND",
    "inviteMembers: refused NOT_PERMITTED",
    "inviteMembers: refused UNAUTHENTICATED",
    "inviteMembers: refused IDEMPOTENCY_KEY_REUSED",
    "inviteMembers: replayed",
    "resendInvitation: INVITATION_ALREADY_ACCEPTED",
    "resendInvitation: INVITATION_REVOKED",
    "resendInvitation: INVITATION_DECLINED",
    "resendInvitation: RESEND_TOO_SOON",
    "resendInvitation: done",
    "revokeInvitation: INVITATION_ALREADY_ACCEPTED",
    "revokeInvitation: INVITATION_DECLINED",
    "revokeInvitation: ROLE_ABOVE_YOURS",
    "revokeInvitation: unchanged",
    "acceptInvitation: INVITATION_NOT_FOUND",
    "acceptInvitation: INVITATION_EXPIRED",
    "acceptInvitation: INVITATION_REVOKED",
    "acceptInvitation: INVITATION_DECLINED",
    "acceptInvitation: WRONG_RECIPIENT",
    "acceptInvitation: EMAIL_NOT_VERIFIED",
    "acceptInvitation: unchanged",
    "declineInvitation: INVITATION_ALREADY_ACCEPTED",
    "removeMember: CANNOT_REMOVE_SELF",
    "removeMember: LAST_OWNER",
    "removeMember: ROLE_ABOVE_YOURS",
    "removeMember: STALE_PREVIEW",
    "removeMember: unchanged",
    "removeMembers: CANNOT_REMOVE_SELF",
    "removeMembers: LAST_OWNER",
    "removeMembers: ROLE_ABOVE_YOURS",
    "removeMembers: MEMBER_NOT_FOUND",
    "removeMembers: DUPLICATE_IN_REQUEST",
    "removeMembers: invitation revoked",
    "removeMembers: replayed",
    "changeMemberRole: CANNOT_CHANGE_OWN_ROLE",
    "changeMemberRole: LAST_OWNER",
    "changeMemberRole: ROLE_ABOVE_YOURS",
    "changeMemberRole: ALREADY_REMOVED",
    "changeMemberRole: unchanged",
    "leaveOrganization: LAST_OWNER",
    "leaveOrganization: NOT_A_MEMBER",
    "leaveOrganization: done",
    "restoreMember: NOT_REMOVED",
    "restoreMember: RESTORE_WINDOW_PASSED",
    "restoreMember: LEFT_VOLUNTARILY",
    "restoreMember: ROLE_ABOVE_YOURS",
    "restoreMember: done",
    "resendNotification: NOTIFICATION_OVERTAKEN",
    "resendNotification: RESEND_TOO_SOON",
    "resendNotification: done",
];

#[test]
fn roster_does_what_the_rules_say() {
    let effort = Effort::get();
    let tally = Tally::default();
    thread::scope(|scope| {
        let stages: Vec<_> = (0..STAGES)
            .map(|stage| {
                scope.spawn({
                    let tally = &tally;
                    move || play_many(effort, stage, tally)
                })
            })
            .collect();
        let failed: Vec<_> = stages.into_iter().filter_map(|stage| stage.join().unwrap().err()).collect();
        assert!(failed.is_empty(), "{}", failed.join("\n"));
    });
    println!("{}", tally.table());
    let missing = tally.missing(if effort.of(0, 1) == 0 { &[] } else { ESSENTIAL });
    assert!(missing.is_empty(), "never came about: {missing:#?}");
}

/// Plays many stories, one after the other.
fn play_many(effort: Effort, stage: usize, tally: &Tally) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let current = RefCell::new((0, None));
    let stories = effort.of(100, 3_000) / STAGES;
    let mut runner = TestRunner::new(Config {
        cases: stories.try_into().unwrap(),
        max_shrink_iters: 2_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/soak/model/regressions.txt"
        )))),
        rng_seed: RngSeed::Fixed(effort.seed.wrapping_add(stage as u64)),
        ..Config::default()
    });
    let played = runner.run(&Story::sequential_strategy(20..=40), |(_, operations, seen)| {
        let mut current = current.borrow_mut();
        let (number, roster) = &mut *current;
        if *number % STORIES_OF_A_ROSTER == 0 {
            *roster = Some(runtime.block_on(Roster::start(On::Sqlite)));
        }
        *number += 1;
        let roster = roster.clone().unwrap();
        let played = runtime.block_on(play(&roster, *number, &operations, seen.as_ref(), tally));
        played.map_err(TestCaseError::fail)
    });
    played.map_err(|error| match error {
        TestError::Fail(story, _) => story.to_string(),
        TestError::Abort(why) => format!("no story could be written: {why}"),
    })
}
