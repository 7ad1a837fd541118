//! Names of system calls that rules ask for. The kernel logs numbers, which differ from machine to machine.

/// `AUDIT_ARCH_X86_64`.
const X86_64: u32 = 0xc000_003e;
/// `AUDIT_ARCH_AARCH64`.
const AARCH64: u32 = 0xc000_00b7;

/// The name of a system call of this architecture, where rules may ask for it.
pub(super) fn name(arch: u32, number: u32) -> Option<&'static str> {
    let table = match arch {
        X86_64 => OF_X86_64,
        AARCH64 => OF_AARCH64,
        _ => return None,
    };
    table.binary_search_by_key(&number, |(number, _)| *number).ok().map(|at| table[at].1)
}

#[rustfmt::skip]
const OF_X86_64: &[(u32, &str)] = &[
    (0, "read"), (1, "write"), (2, "open"), (9, "mmap"), (10, "mprotect"), (41, "socket"), (42, "connect"),
    (43, "accept"), (44, "sendto"), (46, "sendmsg"), (49, "bind"), (50, "listen"), (56, "clone"), (57, "fork"),
    (58, "vfork"), (59, "execve"), (62, "kill"), (63, "uname"), (76, "truncate"), (77, "ftruncate"), (80, "chdir"),
    (82, "rename"), (83, "mkdir"), (84, "rmdir"), (85, "creat"), (86, "link"), (87, "unlink"), (88, "symlink"),
    (90, "chmod"), (91, "fchmod"), (92, "chown"), (93, "fchown"), (94, "lchown"), (99, "sysinfo"), (101, "ptrace"),
    (103, "syslog"), (105, "setuid"), (106, "setgid"), (113, "setreuid"), (114, "setregid"), (117, "setresuid"),
    (119, "setresgid"), (126, "capset"), (132, "utime"), (133, "mknod"), (135, "personality"), (155, "pivot_root"),
    (159, "adjtimex"), (161, "chroot"), (164, "settimeofday"), (165, "mount"), (166, "umount2"), (169, "reboot"),
    (170, "sethostname"), (171, "setdomainname"), (175, "init_module"), (176, "delete_module"), (188, "setxattr"),
    (189, "lsetxattr"), (190, "fsetxattr"), (197, "removexattr"), (198, "lremovexattr"), (199, "fremovexattr"),
    (227, "clock_settime"), (235, "utimes"), (246, "kexec_load"), (257, "openat"), (258, "mkdirat"), (259, "mknodat"),
    (260, "fchownat"), (261, "futimesat"), (263, "unlinkat"), (264, "renameat"), (265, "linkat"), (266, "symlinkat"),
    (268, "fchmodat"), (272, "unshare"), (280, "utimensat"), (288, "accept4"), (304, "open_by_handle_at"),
    (305, "clock_adjtime"), (308, "setns"), (310, "process_vm_readv"), (311, "process_vm_writev"),
    (313, "finit_module"), (316, "renameat2"), (319, "memfd_create"), (320, "kexec_file_load"), (321, "bpf"),
    (322, "execveat"), (323, "userfaultfd"), (425, "io_uring_setup"), (435, "clone3"), (437, "openat2"),
];

#[rustfmt::skip]
const OF_AARCH64: &[(u32, &str)] = &[
    (5, "setxattr"), (6, "lsetxattr"), (7, "fsetxattr"), (14, "removexattr"), (15, "lremovexattr"),
    (16, "fremovexattr"), (33, "mknodat"), (34, "mkdirat"), (35, "unlinkat"), (36, "symlinkat"), (37, "linkat"),
    (38, "renameat"), (39, "umount2"), (40, "mount"), (41, "pivot_root"), (45, "truncate"), (46, "ftruncate"),
    (49, "chdir"), (51, "chroot"), (52, "fchmod"), (53, "fchmodat"), (54, "fchownat"), (55, "fchown"), (56, "openat"),
    (63, "read"), (64, "write"), (88, "utimensat"), (91, "capset"), (92, "personality"), (97, "unshare"),
    (104, "kexec_load"), (105, "init_module"), (106, "delete_module"), (112, "clock_settime"), (116, "syslog"),
    (117, "ptrace"), (129, "kill"), (142, "reboot"), (143, "setregid"), (144, "setgid"), (145, "setreuid"),
    (146, "setuid"), (147, "setresuid"), (149, "setresgid"), (160, "uname"), (161, "sethostname"),
    (162, "setdomainname"), (170, "settimeofday"), (171, "adjtimex"), (179, "sysinfo"), (198, "socket"),
    (200, "bind"), (201, "listen"), (202, "accept"), (203, "connect"), (206, "sendto"), (211, "sendmsg"),
    (220, "clone"), (221, "execve"), (222, "mmap"), (226, "mprotect"), (242, "accept4"), (265, "open_by_handle_at"),
    (266, "clock_adjtime"), (268, "setns"), (270, "process_vm_readv"), (271, "process_vm_writev"),
    (273, "finit_module"), (276, "renameat2"), (279, "memfd_create"), (280, "bpf"), (281, "execveat"),
    (282, "userfaultfd"), (294, "kexec_file_load"), (425, "io_uring_setup"), (435, "clone3"), (437, "openat2"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_order_and_named() {
        for table in [OF_X86_64, OF_AARCH64] {
            assert!(table.is_sorted_by(|one, next| one.0 < next.0));
        }
        assert_eq!(name(X86_64, 59), Some("execve"));
        assert_eq!(name(AARCH64, 221), Some("execve"));
        assert_eq!(name(1, 59), None);
    }
}
