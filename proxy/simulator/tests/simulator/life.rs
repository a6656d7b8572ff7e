//! The start and the end of a simulator, as a library and as a program.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use palisade_simulator::{Options, Simulator};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::lab::{CONVERSE, Call, HELLO, Lab};

#[tokio::test]
async fn ends_hanging_exchanges_when_shut_down() {
    let lab = Lab::start();
    lab.script(json!([{ "hang": true }, { "hang": true }])).await;
    let call = Call::new(CONVERSE, HELLO).signed(&lab);
    let (data, side) = (lab.running.data_addr, lab.running.side_addr);
    let stop = async {
        while lab.received().await.len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let pending = async { tokio::join!(lab.send(&call), lab.send_h2(&call)) };
    tokio::select! {
        both = pending => panic!("answered: {both:?}"),
        () = stop => {}
    }
    lab.running.shutdown().await;
    for address in [data, side] {
        assert!(TcpStream::connect(address).await.is_err(), "still listening");
    }
}

#[tokio::test]
async fn refuses_to_listen_elsewhere() {
    for address in ["0.0.0.0:0", "[::1]:0", "127.0.0.2:0"] {
        let options = Options {
            listen: address.parse().unwrap(),
            ..Default::default()
        };
        assert!(Simulator::start(options).is_err(), "{address}");
    }
}

#[tokio::test]
async fn leaves_no_task_behind() {
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    for request in [
        "POST /model/m/converse HTTP/1.1\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "",
    ] {
        let lab = Lab::start();
        let mut client = TcpStream::connect(lab.running.data_addr).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        while tasks() < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        lab.running.shutdown().await;
        assert_eq!(tasks(), 0, "{request}");
    }
}

#[tokio::test]
async fn stops_when_dropped() {
    let lab = Lab::start();
    let mut client = TcpStream::connect(lab.running.data_addr).await.unwrap();
    drop(lab);
    let read = tokio::time::timeout(Duration::from_secs(5), client.read(&mut [0]))
        .await
        .unwrap();
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
}

#[test]
fn runs_as_a_program_until_terminated() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (secret_file, env_file) = (folder.join("secret"), folder.join("env"));
    std::fs::write(&secret_file, "not-real\n").unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_palisade-simulator"))
        .args(["--access-key", "TESTKEY", "--secret-file"])
        .arg(&secret_file)
        .arg("--env-file")
        .arg(&env_file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(program.stdout.take().unwrap())
        .lines()
        .take(3)
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        std::fs::read_to_string(&env_file).unwrap(),
        lines.join("\n") + "\n"
    );
    let names: Vec<&str> = lines
        .iter()
        .map(|line| line.split_once("=http://127.0.0.1:").unwrap().0)
        .collect();
    let expected = [
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
        "PALISADE_SIMULATOR_SIDE_URL",
    ];
    assert_eq!(names, expected);
    let terminated = Command::new("kill")
        .arg(program.id().to_string())
        .status()
        .unwrap();
    assert!(terminated.success() && program.wait().unwrap().success());
}

#[test]
fn refuses_to_run_without_credentials() {
    let cases: [&[&str]; 4] = [
        &[],
        &["--access-key", "TESTKEY"],
        &["--access-key", "TESTKEY", "--secret-file", "/nonexistent/secret"],
        &["--no-verify", "--listen", "0.0.0.0:0"],
    ];
    for arguments in cases {
        let output = Command::new(env!("CARGO_BIN_EXE_palisade-simulator"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            !output.status.success() && !output.stderr.is_empty(),
            "{arguments:?}"
        );
    }
}
