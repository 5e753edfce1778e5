//! The service: it listens, answers, and ends in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::access::Access;
use crate::body::BodyRoom;
use crate::connection::Connection;
use crate::engines::KeptEngines;
use crate::error::ServiceError;
use crate::job::Jobs;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::options::ServiceOptions;
use crate::routes::router;
use crate::shared::Shared;

/// Threads that read and write; the work on jobs has its own.
const THREADS: usize = 2;
/// How long answers may take to be sent after the last job has ended.
const LAST_ANSWERS: Duration = Duration::from_secs(5);
/// How often running jobs are looked at while the service ends.
const LOOK: Duration = Duration::from_millis(20);

/// A running service. It ends when it is dropped.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    stop: Stop,
    served: Option<JoinHandle<()>>,
    runtime: Runtime,
}

/// Asks a service to end. Clones ask the same one.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<Ending>);

/// How urgently the service is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Not,
    /// When the running jobs have ended.
    Soon,
    /// Running jobs are cancelled.
    Now,
}

impl Stop {
    /// Asks the service to end: it takes no more jobs, cancels those that wait, and lets those that run go on for
    /// [`Limits::grace_time`]. Asked again, it cancels those, too.
    pub fn stop(&self) {
        self.0.send_modify(|ending| *ending = if *ending == Ending::Not { Ending::Soon } else { Ending::Now });
    }
}

impl Service {
    /// Starts a service.
    ///
    /// # Errors
    /// If the address cannot be listened on, or can be reached by others while there is no token.
    pub fn start(options: ServiceOptions) -> Result<Service, ServiceError> {
        let ServiceOptions { listen, token, hosts, limits, engines } = options;
        let access = Access::new(listen, &hosts, token.as_deref())?;
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(THREADS).thread_name("fastmpnn-http").enable_all().build();
        let runtime = runtime.map_err(ServiceError::Threads)?;
        let of_address = |source| ServiceError::Address { address: listen, source };
        let listener = runtime.block_on(TcpListener::bind(listen)).map_err(of_address)?;
        let address = listener.local_addr().map_err(of_address)?;
        let engines = KeptEngines::new(engines);
        let jobs = Jobs::start(&limits, &engines).map_err(ServiceError::Threads)?;
        let room = BodyRoom::new(&limits);
        let shared =
            Shared { access, limits: limits.clone(), room, jobs: jobs.clone(), engines, metrics: Metrics::new() };
        let (sender, ending) = watch::channel(Ending::Not);
        let app = router(Arc::new(shared));
        let served = runtime.spawn(serve(listener, app, jobs, limits, ending));
        Ok(Service { address, stop: Stop(sender), served: Some(served), runtime })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks the service to end.
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// From now on, Ctrl-C and a request to terminate ask the service to end, as [`Stop::stop`] does.
    ///
    /// # Errors
    /// If the signals cannot be received.
    pub fn end_on_signal(&self) -> Result<(), ServiceError> {
        let stop = self.stop();
        let mut signals = self.runtime.block_on(async { Signals::new() }).map_err(ServiceError::Signals)?;
        self.runtime.spawn(async move {
            loop {
                signals.next().await;
                stop.stop();
            }
        });
        Ok(())
    }

    /// Waits until the service has ended, because [`Stop::stop`] or a signal asks it to.
    pub fn wait(mut self) {
        if let Some(served) = self.served.take() {
            // A panic there was told already.
            let _ = self.runtime.block_on(served);
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop.stop();
        self.stop.stop();
        if let Some(served) = self.served.take() {
            let _ = self.runtime.block_on(served);
        }
    }
}

/// The signals that ask the program to end.
#[derive(Debug)]
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Signals> {
        #[cfg(unix)]
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        // Without the signal there is nothing to wait for but the end of the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Answers until it is asked to end, and then ends in good order.
async fn serve(
    listener: TcpListener,
    app: Router,
    jobs: Arc<Jobs>,
    limits: Limits,
    mut ending: watch::Receiver<Ending>,
) {
    let open = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    let accepting = async {
        loop {
            // Closed by nobody.
            let Ok(place) = room.clone().acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let connection = open.watch(connection(stream, app.clone(), &limits));
                    tokio::spawn(async move {
                        // A client that is slow or gone.
                        let _ = connection.await;
                        drop(place);
                    });
                }
                // Too many open files, for one: some will be closed.
                Err(_) => sleep(LOOK).await,
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        _ = ending.wait_for(|ending| *ending != Ending::Not) => {}
    }
    drop(listener);
    jobs.begin_ending();
    let finished = async {
        while jobs.load().1 > 0 {
            sleep(LOOK).await;
        }
    };
    tokio::select! {
        () = finished => {}
        () = sleep(limits.grace_time) => {}
        _ = ending.wait_for(|ending| *ending == Ending::Now) => {}
    }
    jobs.stop_running();
    let _ = tokio::task::spawn_blocking(move || jobs.join()).await;
    let _ = timeout(LAST_ANSWERS, open.shutdown()).await;
}

/// A connection with its requests, one after the other.
fn connection(
    stream: TcpStream,
    app: Router,
    limits: &Limits,
) -> http1::Connection<TokioIo<Connection>, TowerToHyperService<Router>> {
    // Small answers are sent at once.
    let _ = stream.set_nodelay(true);
    let stream = TokioIo::new(Connection::new(stream, limits.write_time));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head_time);
    builder.serve_connection(stream, TowerToHyperService::new(app))
}
