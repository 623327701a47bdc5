//! stub
use super::{CliError, Exit, args::Demo, output::Output};
pub(super) async fn run(_c: &Demo, _o: &Output) -> Result<Exit, CliError> {
    Ok(Exit::Fine)
}
