//! `fastmpnn serve`: the page and the REST interface.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use anyhow::Result;
use fastmpnn_pipeline::run::LoadEngines;
use fastmpnn_web::{Service, ServiceOptions};

use crate::args::ServeArgs;
use crate::failure::WritingTo;
use crate::terminal::STANDARD_OUTPUT;

pub(super) fn run(args: ServeArgs) -> Result<usize> {
    let ServeArgs { listen, no_open, token, allow_host, threads, memory_limit } = args;
    let mut options = ServiceOptions::default();
    options.listen = listen;
    options.hosts = allow_host;
    options.engines = LoadEngines::new(threads, memory_limit);
    options.token.clone_from(&token);
    let service = Service::start(options)?;
    service.end_on_signal()?;
    let mut address = service.address();
    // An address of all addresses is none that a browser can open.
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { [0_u16, 0, 0, 0, 0, 0, 0, 1].into() });
    }
    let page = format!("http://{address}/");
    {
        let mut out = io::stdout().lock();
        writeln!(out, "FastMPNN is at {page}; Ctrl-C ends it")
            .and_then(|()| out.flush())
            .writing_to(STANDARD_OUTPUT)?;
    }
    if !no_open && io::stdout().is_terminal() {
        open(&token.map_or_else(|| page.clone(), |token| format!("{page}?token={token}")));
    }
    service.wait();
    Ok(0)
}

/// Opens an address in the user's browser, where there is one. The address has been printed, so nothing is lost without.
fn open(address: &str) {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        // Without a display it would start a browser in this terminal.
        if ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|name| std::env::var_os(name).is_none()) {
            return;
        }
        Command::new("xdg-open")
    };
    let _ = command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
