//! A virtual day: ten minutes at a time, everybody does what is due.

use std::path::PathBuf;
use std::time::Duration as RealDuration;

use axum::Router;
use chrono::{DateTime, Duration, TimeZone, Utc};
use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::http::Http;
use crate::journal::Journal;
use crate::server::store::{self, Store};
use crate::server::{Partners, Pending, Report, Server};
use crate::world::{self, Cloud, Pc, Phone};

/// Anything that ends a day early.
pub type DayError = Box<dyn std::error::Error + Send + Sync>;

/// How the day is to be.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How many PCs there are.
    pub devices: usize,
    /// The database file; in memory without one.
    pub database: Option<PathBuf>,
    /// A folder that every message is written to.
    pub dump: Option<PathBuf>,
    /// A folder with the update documents that Microsoft Update has.
    pub catalog: Option<PathBuf>,
    /// The port of the vendor's server; any free one without.
    pub port: u16,
    /// How long ten virtual minutes take.
    pub pace: RealDuration,
}

/// A day that is set up.
#[derive(Debug)]
pub struct Day {
    clock: Clock,
    journal: Journal,
    store: Store,
    /// IT's browser: what it says is no message of a protocol, so it is not dumped.
    browser: Http,
    server: Server,
    cloud: Cloud,
    pcs: Vec<Pc>,
    phone: Phone,
    pace: RealDuration,
    address: String,
}

/// Ten virtual minutes.
const TICK: Duration = Duration::minutes(10);
/// A PC checks in once an hour.
const CHECK_IN: i64 = 6;

/// Serves a router on a loopback port.
async fn serve(router: Router, port: u16) -> std::io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Whether IT can do something about an update: read its terms, or approve it.
fn can_be_decided(update: &Pending) -> bool {
    !update.terms.is_empty() || !update.parts_missing
}

fn start_of_day() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).single().unwrap_or_default()
}

impl Day {
    /// Sets everything up, or goes on with the day that the database holds.
    ///
    /// # Errors
    /// Whatever went wrong.
    pub async fn new(options: &Options) -> Result<Self, DayError> {
        let store = Store::open(options.database.as_deref())?;
        let saved: Option<i64> = store
            .transaction(|tx| store::value(tx, "clock"))
            .map_err(|error: store::StoreError| error)?;
        let now = saved.and_then(|time| DateTime::from_timestamp(time, 0));
        let clock = Clock::at(now.unwrap_or_else(start_of_day));
        let journal = Journal::new(clock.clone());
        let http = Http::new(options.dump.clone())?;

        let upstream = match &options.catalog {
            Some(folder) => world::catalog(folder)?,
            None => world::built_in_catalog(),
        };
        let offers = world::offers(&upstream, options.catalog.is_some());
        let cloud = Cloud::new(upstream, store.clone(), clock.clone())?;
        let partners = Partners {
            update: serve(cloud.update_router(), 0).await?,
            graph: serve(cloud.graph_router(), 0).await?,
        };
        let server =
            Server::new(store.clone(), clock.clone(), journal.clone(), http.clone(), partners);
        let address = serve(server.router(), options.port).await?;
        journal.line("server", format_args!("listening on {address}"));
        if saved.is_some() {
            journal.line("server", "goes on with the day that the database holds");
        }

        let url = format!("{address}/ManagementServer/MDM.svc");
        let mut pcs = Vec::new();
        for number in 1..=options.devices.max(1) {
            let (store, http) = (store.clone(), http.clone());
            let pc = Pc::new(number, &offers, store, http, journal.clone(), url.clone())?;
            server.enrol_windows(&pc.id, &pc.name, if number == 1 { "test" } else { "all" })?;
            pcs.push(pc);
        }
        server.enrol_apple("00008120-001A2B3C4D5E601E", "iPhone-Ada", "18.7.1", "18.7.2")?;
        server.enrol_drivers(pcs.len())?;
        let phone =
            Phone::new(world::iphone(), store.clone(), http.clone(), format!("{address}/mdm"))?;
        let browser = Http::new(None)?;
        let pace = options.pace;
        Ok(Self { clock, journal, store, browser, server, cloud, pcs, phone, pace, address })
    }

    /// The address of the vendor's server.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Lets the day pass; says whether it ended as it must.
    ///
    /// # Errors
    /// Whatever went wrong.
    pub async fn run(&self) -> Result<bool, DayError> {
        let end = start_of_day() + Duration::hours(24);
        while self.clock.now() < end {
            self.tick().await?;
            if self.is_over()? {
                let report = self.server.report()?;
                self.print(&report);
                return self.ended_well(&report);
            }
            self.clock.advance(TICK);
            let now = self.clock.now().timestamp();
            self.store.transaction(|tx| store::set_value(tx, "clock", &now))?;
            if !self.pace.is_zero() {
                tokio::time::sleep(self.pace).await;
            }
        }
        let report = self.server.report()?;
        self.print(&report);
        self.journal.line("day", "is over before everything was done");
        Ok(false)
    }

    async fn tick(&self) -> Result<(), DayError> {
        let now = self.clock.now();
        self.server.sync_metadata().await?;
        self.server.advance_drivers().await?;
        let tick = (now - start_of_day()).num_minutes() / TICK.num_minutes();
        for (number, pc) in (0i64..).zip(&self.pcs) {
            if (tick + number) % CHECK_IN == 0 || pc.is_in_session()? {
                pc.check_in(now).await?;
            }
        }
        self.phone.check_in(now).await?;
        self.it_works().await
    }

    /// IT looks at what waits and decides one thing at a time.
    async fn it_works(&self) -> Result<(), DayError> {
        let ask = |method: &'static str, path: String| {
            let url = format!("{}{path}", self.address);
            async move { self.browser.send("it", method, &url, &[], Vec::new()).await }
        };
        let pending: Vec<Pending> =
            serde_json::from_slice(&ask("GET", "/it/updates".to_owned()).await?.body)?;
        // What cannot be decided yet is passed over.
        if let Some(update) = pending.iter().find(|update| can_be_decided(update)) {
            let answer = ask("POST", format!("/it/updates/{}/approve", update.id)).await?;
            let words = String::from_utf8_lossy(&answer.body).into_owned();
            if let (409, Some(eulas)) = (answer.status, words.strip_prefix("eula ")) {
                for eula in eulas.split(' ') {
                    ask("POST", format!("/it/eulas/{eula}/accept")).await?;
                }
            }
        }
        self.server.approve_drivers()?;
        Ok(())
    }

    fn is_over(&self) -> Result<bool, DayError> {
        let in_session = self.pcs.iter().map(Pc::is_in_session).collect::<Result<Vec<_>, _>>()?;
        Ok(self.server.report()?.is_compliant()
            && !in_session.contains(&true)
            && !self.server.pending_updates()?.iter().any(can_be_decided)
            && self.server.metadata_is_settled()?
            && self.server.drivers_are_done()?
            && self.server.policies_are_set()?
            && self.server.nothing_is_queued()?)
    }

    fn print(&self, report: &Report) {
        self.journal.line("report", "compliance at the end of the day");
        print!("{report}");
    }

    /// Checks the day against what it was for.
    fn ended_well(&self, report: &Report) -> Result<bool, DayError> {
        let mut good = true;
        let mut must = |what: &str, holds: bool| {
            if !holds {
                self.journal.line("day", format_args!("wrong: {what}"));
                good = false;
            }
        };
        let count = |what: &str| self.server.decisions(what);
        let needed_terms = self.server.updates_with_terms()?;
        must("every device is compliant", report.is_compliant());
        must("every PC has the policies of its ring", self.server.policies_are_set()?);
        must("an approval was refused until its licence terms were accepted", {
            needed_terms == 0 || (count("refused")? >= 1 && count("eula")? >= 1)
        });
        must("updates were approved", count("update")? >= 1);
        must("a driver was approved", count("driver")? >= 1);
        must("Microsoft Update was asked, and authorized us once", {
            self.cloud.calls("GetUpdateData") >= 1
                && self.cloud.calls("GetAuthorizationCookie") == 1
        });
        must("the update that nobody knows is still waiting", {
            let unknown = update_csp::UpdateGuid::from_u128(world::UNKNOWN_UPDATE).to_string();
            self.pcs.len() < 2
                || report.devices.iter().any(|device| device.waiting.contains(&unknown))
        });
        self.journal.line("day", if good { "ended as it must" } else { "did not end as it must" });
        Ok(good)
    }
}
