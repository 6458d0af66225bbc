package main

import "testing"

const testMounts = `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
25 22 0:5 / /dev/shm rw,nosuid - tmpfs shm rw
30 22 8:1 / /data rw - xfs /dev/sda1 rw
broken
`

func TestMountOf_longestFolder(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string][2]string{
		"/tmp":          {"ext4", "/dev/vda"},
		"/dev/shm/x":    {"tmpfs", "shm"},
		"/data":         {"xfs", "/dev/sda1"},
		"/database/x":   {"ext4", "/dev/vda"},
		"/data/archive": {"xfs", "/dev/sda1"},
	} {
		fileSystem, device := mountOf(testMounts, folder)
		if fileSystem != want[0] || device != want[1] {
			t.Errorf("%s: %s %s", folder, fileSystem, device)
		}
	}
	if fileSystem, _ := mountOf("", "/tmp"); fileSystem != "" {
		t.Error(fileSystem)
	}
}

func TestCPUFlags_namesWhatMatters(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]string{
		"fpu avx2 sha_ni":        "SHA-NI, AVX2",
		"avx2 avx512f":           "AVX2, AVX-512",
		"fp asimd sha1 sha2 sve": "SHA1, SHA2, SVE",
		" ":                      "none known",
	} {
		if got := cpuFlags(flags); got != want {
			t.Errorf("%s: %s", flags, got)
		}
	}
}

func TestModelText_numbers(t *testing.T) {
	t.Parallel()
	for want, fields := range map[string]map[string]string{
		"family 25, model 17, stepping 1": {"cpu family": "25", "model": "17", "stepping": "1"},
		"implementer 0x41, part 0xd40":    {"CPU implementer": "0x41", "CPU part": "0xd40"},
		"":                                {},
	} {
		if got := modelText(func(name string) string { return fields[name] }); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestMachineFacts_name(t *testing.T) {
	t.Parallel()
	m := machineFacts{Processor: "Intel(R) Xeon(R) Processor", Cores: 2}
	if got := m.name(); got != "intel-r-xeon-r-processor-2-cores" {
		t.Error(got)
	}
}
