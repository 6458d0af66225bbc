package main

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// machineFacts describe the machine of a run, as far as its figures depend on it.
type machineFacts struct {
	Processor  string  `json:"processor"`
	Model      string  `json:"model"` // its numbers, as several models can have one name
	Flags      string  `json:"flags"`
	Cores      int     `json:"cores"`
	Memory     string  `json:"memory"`
	Disk       string  `json:"disk"`
	FileSystem string  `json:"fileSystem"`
	Kernel     string  `json:"kernel"`
	Go         string  `json:"go"`
	Before     float64 `json:"loadBefore"`
	After      float64 `json:"loadAfter"`
}

// readMachine describes this machine, and the disk of the folder with the downloads.
func readMachine(folder string) machineFacts {
	mounts, _ := os.ReadFile("/proc/self/mountinfo") // empty on other systems
	fileSystem, device := mountOf(string(mounts), folder)
	return machineFacts{
		Processor:  cmp.Or(cpuField("model name"), "unknown processor"),
		Model:      modelText(cpuField),
		Flags:      cpuFlags(cpuField("flags") + " " + cpuField("Features")),
		Cores:      runtime.NumCPU(),
		Memory:     memoryText(),
		Disk:       diskText(device),
		FileSystem: cmp.Or(fileSystem, "unknown"),
		Kernel:     runtime.GOOS + " " + firstLine("/proc/sys/kernel/osrelease"),
		Go:         runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
		Before:     load(),
	}
}

// name is the default name of the pages of a machine.
func (m *machineFacts) name() string {
	var name []rune
	for _, r := range strings.ToLower(m.Processor) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			name = append(name, r)
		} else if len(name) > 0 && name[len(name)-1] != '-' {
			name = append(name, '-')
		}
	}
	return fmt.Sprintf("%s-%d-cores", strings.Trim(string(name), "-"), m.Cores)
}

// short describes the machine in a line.
func (m *machineFacts) short() string {
	return fmt.Sprintf("%s, %d cores, %s", m.Processor, m.Cores, m.Go)
}

// rows are the table of the facts.
func (m *machineFacts) rows() [][]string {
	return [][]string{
		{"processor", fmt.Sprintf("%s, %d cores", m.Processor, m.Cores)},
		{"its numbers", cmp.Or(m.Model, "unknown")},
		{"instructions for hashes and vectors", m.Flags},
		{"memory", m.Memory},
		{"disk of the downloads", m.Disk},
		{"its file system", m.FileSystem},
		{"kernel", m.Kernel},
		{"Go", m.Go},
		{"load average", m.loadText()},
	}
}

// loadText reports the load before and after. A measurement itself causes a load of 2.
func (m *machineFacts) loadText() string {
	text := fmt.Sprintf("%.1f before, %.1f after", m.Before, m.After)
	const busy = 1.0
	if m.Before > busy {
		text += ": other programs were running, so times are longer than on a quiet machine"
	}
	return text
}

// cpuField is the first value of a field of /proc/cpuinfo.
func cpuField(name string) string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer file.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(file)
	const longest = 1 << 16
	lines.Buffer(nil, longest)
	for lines.Scan() {
		if field, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(field) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// modelText has the numbers that identify a processor; those of arm64 are hexadecimal.
func modelText(field func(name string) string) string {
	var numbers []string
	for _, known := range [][2]string{
		{"cpu family", "family"}, {"model", "model"}, {"stepping", "stepping"}, {"CPU implementer", "implementer"}, {"CPU part", "part"},
	} {
		if value := field(known[0]); value != "" {
			numbers = append(numbers, known[1]+" "+value)
		}
	}
	return strings.Join(numbers, ", ")
}

// cpuFlags states which instructions for SHA-1 and for vectors a processor has.
func cpuFlags(flags string) string {
	present := strings.Fields(flags)
	var found []string
	for _, known := range [][2]string{
		{"sha_ni", "SHA-NI"}, {"avx2", "AVX2"}, {"avx512f", "AVX-512"}, {"sha1", "SHA1"}, {"sha2", "SHA2"}, {"sve", "SVE"},
	} {
		if slices.Contains(present, known[0]) {
			found = append(found, known[1])
		}
	}
	return cmp.Or(strings.Join(found, ", "), "none known")
}

func memoryText() string {
	for line := range strings.Lines(readText("/proc/meminfo")) {
		if size, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(size), " kB"), 64) // 0 if it is not a number
			return byteText(kib * 1024)
		}
	}
	return "unknown"
}

// mountOf returns the type and the device of the file system of a folder.
func mountOf(mounts, folder string) (fileSystem, device string) {
	longest := -1
	for line := range strings.Lines(mounts) {
		before, after, ok := strings.Cut(line, " - ")
		left := strings.Fields(before)
		right := strings.Fields(after)
		const point, leastLeft, leastRight = 4, 5, 2
		if !ok || len(left) < leastLeft || len(right) < leastRight {
			continue
		}
		at := left[point]
		isInside := at == "/" || folder == at || strings.HasPrefix(folder, at+"/")
		if isInside && len(at) >= longest {
			longest = len(at)
			fileSystem = right[0]
			device = right[1]
		}
	}
	return fileSystem, device
}

// diskText describes the disk of a device.
func diskText(device string) string {
	name := filepath.Base(device)
	folder, err := filepath.EvalSymlinks("/sys/class/block/" + name)
	if err != nil {
		return "none"
	}
	if _, err := os.Stat(folder + "/queue"); err != nil {
		folder = filepath.Dir(folder) // of a partition
	}
	kind := "rotating or virtual by its driver"
	if firstLine(folder+"/queue/rotational") == "0" {
		kind = "solid state by its driver"
	}
	return cmp.Or(firstLine(folder+"/device/model"), filepath.Base(folder)) + ", " + kind
}

func readText(path string) string {
	text, _ := os.ReadFile(path) // empty if it does not exist
	return string(text)
}

func firstLine(path string) string {
	line, _, _ := strings.Cut(readText(path), "\n")
	return strings.TrimSpace(line)
}

// load is the load average of the last minute, or 0 if the system does not provide it.
func load() float64 {
	first, _, _ := strings.Cut(firstLine("/proc/loadavg"), " ")
	average, _ := strconv.ParseFloat(first, 64) // 0 if it is not a number
	return average
}

// freeSpace is how much a folder has room for.
func freeSpace(folder string) float64 {
	var info syscall.Statfs_t
	if err := syscall.Statfs(folder, &info); err != nil {
		return 0
	}
	return float64(info.Bavail) * float64(info.Bsize)
}

// memoryFolder is a folder in memory with room for a number of bytes, or empty.
func memoryFolder(bytes int64) string {
	const folder = "/dev/shm"
	if fileSystem, _ := mountOf(readText("/proc/self/mountinfo"), folder); fileSystem != "tmpfs" || freeSpace(folder) < float64(bytes) {
		return ""
	}
	return folder
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }
