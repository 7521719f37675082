//! The real `roster`, for tests that run it in processes of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The binary, built from the sources as they are now.
#[expect(clippy::disallowed_methods, reason = "no setting is read")]
pub fn binary() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // target/PROFILE/deps/delivery-…
        let test = std::env::current_exe().expect("a test knows where it is");
        let folder = test.parent().and_then(Path::parent).expect("Cargo puts tests into folders");
        let profile = match folder.file_name().and_then(|name| name.to_str()).expect("a profile") {
            "debug" => "dev",
            other => other,
        };
        let mut build = Command::new(env!("CARGO"));
        // What Cargo tells this test of its package would have ring, and all above it, built anew each time.
        for (name, _) in std::env::vars_os() {
            if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|of| name.to_string_lossy().starts_with(of)) {
                build.env_remove(name);
            }
        }
        let built = build
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .args(["build", "--workspace", "--bin", "roster", "--profile", profile, "--target-dir"])
            .arg(folder.parent().expect("the folder of all profiles"))
            .output()
            .expect("Cargo runs");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        folder.join("roster")
    })
}
