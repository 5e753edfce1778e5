//! Ctrl-C: the first one ends the run after the current unit of work, the second one immediately.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use thiserror::Error;

static REQUESTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The exit code of a program ended by Ctrl-C in shells: 128 plus the number of the signal.
pub(crate) const EXIT_CODE: u8 = 130;

/// A run that was asked to stop, and the results that it has written.
#[derive(Debug, Error)]
#[error("interrupted: {0}")]
pub(crate) struct Interrupted(pub(crate) String);

/// From now on, Ctrl-C and a scheduler's request to terminate are recorded, and [`requested`] reports them.
///
/// One thread takes them in turn: a signal's handler may run on several threads at once, each of which would find that it
/// is the first.
#[cfg(unix)]
pub(crate) fn watch() -> io::Result<()> {
    let requested = Arc::clone(REQUESTED.get_or_init(Arc::default));
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let take = move || {
        for _ in signals.forever() {
            if requested.swap(true, Ordering::Relaxed) {
                signal_hook::low_level::exit(i32::from(EXIT_CODE));
            }
        }
    };
    std::thread::Builder::new().name("interrupt".into()).spawn(take)?;
    Ok(())
}

/// From now on, Ctrl-C and a request to terminate are recorded, and [`requested`] reports them.
#[cfg(not(unix))]
pub(crate) fn watch() -> io::Result<()> {
    use signal_hook::flag;

    let requested = Arc::clone(REQUESTED.get_or_init(Arc::default));
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the first signal finds the flag down and raises it, the second finds it up.
        flag::register_conditional_shutdown(signal, i32::from(EXIT_CODE), Arc::clone(&requested))?;
        flag::register(signal, Arc::clone(&requested))?;
    }
    Ok(())
}

/// Whether the run was asked to stop.
pub(crate) fn requested() -> bool {
    REQUESTED.get().is_some_and(|requested| requested.load(Ordering::Relaxed))
}
