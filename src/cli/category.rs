//! A category as a person names it: one of the program's, or of the configuration.

use super::{App, CliError};
use crate::action::Category;

/// The category of this name. `used` are those that actions have already: a team that takes one of its own out of the
/// configuration still finds what is in it.
pub(super) fn known(app: &App, name: &str, used: &[&Category]) -> Result<Category, CliError> {
    let wanted = name.trim().to_lowercase().replace([' ', '_'], "-");
    let own = app.config.categories.keys().chain(used.iter().copied()).map(Category::as_str);
    let mut known: Vec<&str> = Category::BUILT_IN.to_vec();
    for name in own {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    match wanted.parse::<Category>() {
        Ok(category) if known.contains(&category.as_str()) => Ok(category),
        _ => {
            let hint = match crate::config::nearest(&wanted, known.iter().copied()) {
                Some(nearest) => format!(
                    "did you mean `{nearest}`? `[categories.NAME]` in followup.toml makes one of your own"
                ),
                None => "`[categories.NAME]` in followup.toml makes one of your own".to_owned(),
            };
            Err(CliError::usage(
                format!("there is no category `{name}`; there are {}", known.join(", ")),
                hint,
            ))
        }
    }
}
