//! What `fastmpnn serve` takes.

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use fastmpnn_pipeline::fastmpnn::decode::MemoryLimit;
use fastmpnn_web::ServiceOptions;

use super::run::{memory, threads};

/// `fastmpnn serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// The address and the port to listen on; port 0 is any that is free. Other machines can reach any address but
    /// 127.0.0.1 and [::1], and --token is needed there.
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = ServiceOptions::default().listen)]
    pub(crate) listen: SocketAddr,
    /// Do not open the page in a browser.
    #[arg(long)]
    pub(crate) no_open: bool,
    /// The token that every request has to bring, as `Authorization: Bearer TOKEN` or, in a browser, once as
    /// /?token=TOKEN: at least 16 letters, digits, - . _ or ~. In the environment other users of the machine do not
    /// see it.
    #[arg(long, env = "FASTMPNN_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// A name of a host that the service answers to, besides this machine's own: that of a proxy before it.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) allow_host: Vec<String>,
    /// Number of worker threads, which all jobs share; see `fastmpnn design --help`.
    #[arg(long, value_name = "COUNT", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// The memory that decoding may use for each network, such as 500M or 8G; half of the free memory by default.
    #[arg(long, value_name = "BYTES", value_parser = memory, allow_hyphen_values = true)]
    pub(crate) memory_limit: Option<MemoryLimit>,
}
