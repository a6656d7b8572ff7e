//! DynamoDB's interface on loopback, for tests: an emulator, in memory. Prints its address and serves until it is killed.

use clap::Parser;
use dynoxide::{Database, server};
use std::io::Write;

/// Serves DynamoDB's interface.
///
/// Example: dynamodb --port 8000
#[derive(Parser)]
struct Arguments {
    /// Port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    server::serve_on(listener, Database::memory()?).await;
    Ok(())
}
