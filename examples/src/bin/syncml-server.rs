//! A management server for Windows devices, whole: `syncml-server 127.0.0.1:8080`
use std::{collections::HashMap, sync::Arc, time::SystemTime};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, http::header, routing::post};
use syncml::session::{Config, Event, ServerSession, SessionState, Transmit, peek};
use syncml::{Command, Data, Format, upsert::Upsert};
use tokio::{net::TcpListener, sync::Mutex};

type Error = Box<dyn std::error::Error>;
type Sessions = HashMap<String, Vec<u8>>; // yours: a table, one row for each device

fn plan(session: &mut ServerSession<String>) -> Result<(), Error> {
    session.submit("version".to_owned(), Command::get("./DevDetail/SwV"))?;
    let node = "./Vendor/MSFT/Policy/Config/Update/ActiveHoursStart";
    let hours = Upsert::new(node, Format::Int, Data::text("8")); // Replace, or Add if need be
    Ok(session.submit_upsert("active hours".to_owned(), hours)?)
}

fn react(session: &mut ServerSession<String>, device: &str) -> Result<(), Error> {
    while let Some(event) = session.poll_event() {
        match event {
            Event::PackageOne(_) => plan(session)?,
            Event::Outcome(done) => {
                let value = done.results.iter().find_map(|item| Some(item.data.as_ref()?.as_str()));
                println!("{device}: {} {:?} {}", done.key, done.verdict, value.unwrap_or_default());
            }
            Event::Unenrolled(_) => println!("{device}: left"),
            _ => {}
        }
    }
    Ok(())
}

fn answer(sessions: &mut Sessions, body: &[u8]) -> Result<Transmit, Error> {
    let config = Config::new("https://mdm.example/ManagementServer/MDM.svc");
    let who = peek(body, &config.limits)?; // yours: is this the device of the TLS certificate?
    let stored = sessions.get(&who.device).map(|bytes| SessionState::from_bytes(bytes));
    let mut session = ServerSession::open(stored.transpose()?, &who, &config)?;
    let now = SystemTime::now().into();
    session.handle_message(now, body)?;
    react(&mut session, &who.device)?;
    let answer = session.poll_transmit(now)?;
    react(&mut session, &who.device)?; // commands that fit in no answer
    sessions.insert(who.device, session.into_state().to_bytes()); // first store, then answer
    Ok(answer)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let handler = async |State(all): State<Arc<Mutex<Sessions>>>, body: Bytes| {
        let answer = answer(&mut *all.lock().await, &body);
        let answer = answer.map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
        Ok::<_, (_, _)>(([(header::CONTENT_TYPE, answer.content_type)], answer.body))
    };
    let listener = TcpListener::bind(std::env::args().nth(1).ok_or("no address")?).await?;
    println!("listening on {}", listener.local_addr()?);
    let app = Router::new().route("/ManagementServer/MDM.svc", post(handler));
    Ok(axum::serve(listener, app.with_state(Arc::default())).await?)
}
