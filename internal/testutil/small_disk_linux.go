package testutil

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// smallDiskProcess has the name of the test that a process runs on a small disk.
const smallDiskProcess = "RESTOREJOBS_TEST_SMALL_DISK"

// SmallDisk is a file system in memory.
type SmallDisk struct {
	// Dir is its only directory.
	Dir string
}

// OnSmallDisk runs a test with a disk of a number of bytes, in a process of its own, whose mounts end with
// it. It skips the test if the system permits no mount.
func OnSmallDisk(t *testing.T, size int64, test func(t *testing.T, disk *SmallDisk)) {
	t.Helper()
	if os.Getenv(smallDiskProcess) == t.Name() { //nolint:forbidigo // of a test
		disk := &SmallDisk{Dir: t.TempDir()}
		if err := disk.mount(size, 0); err != nil {
			t.Skip(cannotMount, err)
		}
		t.Cleanup(func() { require.NoError(t, syscall.Unmount(disk.Dir, syscall.MNT_DETACH)) })
		test(t, disk)
		return
	}
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^") + "$"
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+pattern, "-test.v") //nolint:gosec // this program
	child.Env = append(os.Environ(), smallDiskProcess+"="+t.Name())                        //nolint:forbidigo // of a test
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	var output bytes.Buffer
	child.Stdout = &output
	child.Stderr = &output
	if err := child.Start(); err != nil {
		t.Skip("a process with mounts of its own is not permitted: ", err)
	}
	err := child.Wait()
	if _, reason, isRefused := strings.Cut(output.String(), cannotMount); isRefused {
		t.Skip(cannotMount, reason)
	}
	require.NoError(t, err, output.String())
	require.Contains(t, output.String(), "--- PASS: "+t.Name(), "the test ran")
}

const cannotMount = "a small disk cannot be mounted:"

// Resize changes the size of the disk.
func (d *SmallDisk) Resize(t *testing.T, size int64) {
	t.Helper()
	require.NoError(t, d.mount(size, syscall.MS_REMOUNT))
}

func (d *SmallDisk) mount(size int64, flags uintptr) error {
	return syscall.Mount("tmpfs", d.Dir, "tmpfs", flags, fmt.Sprintf("size=%d", size))
}
