//! Secrets that are made up on the first start and kept, so that tokens and invitation links outlive a restart.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::{
    config::{Config, ConfigError, KeySource},
    private_file,
};

#[derive(Deserialize, Serialize)]
struct Secrets {
    hs256_secret: String,
    link_key: String,
}

/// Fills in the secrets that the settings do not have, from the file of the setting `development.secrets_file`, which is
/// made if it is not there.
pub(crate) fn fill_in(config: &mut Config) -> Result<(), ConfigError> {
    let file = &config.development.secrets_file;
    let secrets = match read(file)? {
        Some(secrets) => secrets,
        None => create(file)?,
    };
    use_secrets(config, secrets);
    Ok(())
}

/// The same, for a command that should find them and not make them.
pub(crate) fn fill_in_if_there(config: &mut Config) -> Result<(), ConfigError> {
    if let Some(secrets) = read(&config.development.secrets_file)? {
        use_secrets(config, secrets);
    }
    Ok(())
}

fn use_secrets(config: &mut Config, secrets: Secrets) {
    // Nothing else is named.
    if config.auth.key_source() == Some(KeySource::Discovery) {
        config.auth.hs256_secret = secrets.hs256_secret.into();
    }
    if config.invitations.link_key.expose_secret().is_empty() {
        config.invitations.link_key = secrets.link_key.into();
    }
}

fn read(file: &Path) -> Result<Option<Secrets>, ConfigError> {
    match fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|e| problem(file, &format!("is not readable: {e}. Delete it to have a new one made"))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(problem(file, &format!("cannot be read: {e}"))),
    }
}

fn create(file: &Path) -> Result<Secrets, ConfigError> {
    let cannot = |e: String| problem(file, &format!("cannot be written: {e}"));
    let secrets = Secrets {
        hs256_secret: random().map_err(|e| cannot(e.to_string()))?,
        link_key: random().map_err(|e| cannot(e.to_string()))?,
    };
    let folder = file.parent().map(PathBuf::from).unwrap_or_default();
    fs::create_dir_all(folder).map_err(|e| cannot(e.to_string()))?;
    let text = serde_json::to_string_pretty(&secrets).map_err(|e| cannot(e.to_string()))?;
    private_file::create(file)
        .and_then(|mut file| writeln!(file, "{text}"))
        .map_err(|e| cannot(e.to_string()))?;
    Ok(secrets)
}

/// 256 random bits in hexadecimal.
fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn problem(file: &Path, problem: &str) -> ConfigError {
    ConfigError::one(format!("development.secrets_file: {} {problem}.", file.display()))
}
