//! Files of all rows, which are read page after page.

use roster_tests::Person;

use super::world::large;

#[tokio::test]
async fn an_export_begins_without_reading_everything() {
    let (world, acme) = large().await;
    let mut findings = world.analyzed().await;
    for table in ["members", "activities"] {
        let parameters = format!("{table}?organization={}&format=jsonl", acme.id);
        let (rows, mut problems) = findings.look(table, export(&acme.owner, &parameters)).await;
        assert!(rows > 4_000, "{rows} are a few pages only");
        // How many rows come after a page, PostgreSQL does not know: of few pages it may as well sort them.
        problems.retain(|problem| !problem.contains("\"id\" > $2"));
        findings.take(table, problems, None);
    }
    findings.are_none();
}

/// Reads an export to its end; how many rows it has.
async fn export(person: &Person, parameters: &str) -> usize {
    let request = person.roster.http().get(format!("{}/export/{parameters}", person.roster.url()));
    let response = request.bearer_auth(person.token.as_ref().unwrap()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.text().await.unwrap().lines().count()
}
