//! `config`: the configuration in use, or the template.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::{Ended, config};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print a file with every key, its default, and what it is for
    #[arg(long)]
    show_default: bool,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        if self.show_default {
            ctx.out.text(config::TEMPLATE);
            return Ok(Exit::Done);
        }
        let path = config::path(&ctx.world);
        if ctx.global.json {
            let c = &ctx.config;
            let object = serde_json::json!({"schema": "lifeboat.config/1", "path": path.to_string_lossy(),
                "exists": crate::platform::facts(&path).is_ok(), "quiet_after_seconds": ctx.world.quiet_after().as_secs(),
                "backup_dir": ctx.world.backup_dir().to_string_lossy(),
                "purge_after_seconds": ctx.world.purge_after.map(|span| span.as_secs()), "clean_untested": ctx.world.clean_untested,
                "ascii": c.ascii.unwrap_or(false), "mouse": c.mouse.unwrap_or(true)});
            ctx.json(&object)?;
            return Ok(Exit::Done);
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                ctx.note(&crate::model::shown(&path));
                ctx.out.text(&text);
            }
            Err(_) => {
                ctx.say(&format!("There is no {}; everything is at its default.", crate::model::shown(&path)));
                ctx.say("`lifeboat config --show-default` prints a file to begin with.");
            }
        }
        Ok(Exit::Done)
    }
}
