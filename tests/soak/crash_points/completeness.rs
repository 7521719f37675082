//! A new step without a point is seen: whatever PostgreSQL, Redis and the mail server are told between a request and the
//! last email, there is a point for each of it.

use roster_entity::CrashPoint;
use roster_tests::{RedisMonitor, Statements, smtp_server::SmtpServer};
use sea_orm::Iterable;

use super::{
    running::{Form, Running, Sweep},
    scene::Scene,
    story::Story,
};

/// Looking whether there is something, and how much, changes nothing.
const LOOKING: [&str; 2] = ["BLMPOP", "LLEN"];

#[tokio::test]
async fn each_thing_that_others_are_told_has_a_point_beside_it() {
    let scene = Scene::set(Form::Production).await;
    for story in [Story::Removal, Story::Invitations, Story::MixedList] {
        let smtp = SmtpServer::start().await;
        let mut installation = scene.copied(&smtp).await;
        let database = installation.setting("ROSTER_DATABASE__URL").unwrap().to_owned();
        let (way, statements) = Statements::on_the_way_to(&database);
        installation.set("ROSTER_DATABASE__URL", way);
        let running = Running::start(&mut installation, scene.form, Sweep::Rarely, None).await;
        let ran = statements.count();
        let redis = RedisMonitor::start().await;
        story.was_done_now(&running.ask(&scene, story).await.unwrap());
        for _ in story.told() {
            smtp.next_mail().await;
        }
        let mut pushes = redis.commands_on(installation.setting("ROSTER_QUEUE__KEY").unwrap()).await;
        let lives = running.stop().await;
        installation.set("ROSTER_DATABASE__URL", database);
        installation.discard().await;

        let all = lives.iter().flat_map(|(_, points, _)| points);
        for point in CrashPoint::iter() {
            assert!(all.clone().any(|other| *other == point), "nobody comes to {point:?}");
        }
        let passed = lives.iter().flat_map(|(_, points, ready)| &points[*ready..]);
        let passed = |point: CrashPoint| passed.clone().filter(|other| **other == point).count();
        let (transactions, statements): (Vec<_>, Vec<_>) =
            statements.seen().split_off(ran).into_iter().partition(|statement| statement != "…");
        assert_eq!(statements.len(), passed(CrashPoint::Statement), "statements");
        assert_eq!(transactions, ["BEGIN", "COMMIT"].repeat(passed(CrashPoint::Committed)));
        // From the start on: the mail server may hear a greeting later than the log says that it is said.
        let points = all.filter(|point| **point == CrashPoint::SmtpCommand).count();
        let mut commands = smtp.commands();
        commands.retain(|command| command != "QUIT");
        assert_eq!(commands.len(), points, "{commands:?}");
        pushes.retain(|command| !LOOKING.contains(&command.as_str()));
        let expected = passed(CrashPoint::Pushed) + passed(CrashPoint::Swept);
        assert!(pushes.len() <= expected && pushes.iter().all(|push| push == "EVALSHA"), "{pushes:?}");
        for point in [CrashPoint::Taken, CrashPoint::Composed, CrashPoint::Delivered] {
            assert_eq!(passed(point), story.told().len(), "{point:?}");
        }
        println!("{story:?}: {} statements, {} commands of SMTP", statements.len(), commands.len());
    }
    scene.discard().await;
}
