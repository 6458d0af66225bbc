// Package examples_test runs the examples as programs.
package examples_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/restorejobstest"
)

// folder contains the built programs.
var folder string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "restorejobs-examples-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	link := "-ldflags=-s -w" // without debug information: half of the time
	if out, err := exec.Command("go", "build", link, "-o", folder+string(filepath.Separator), "./...").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// program runs an example without the environment of the caller, except for the temporary folder.
func program(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	command := exec.CommandContext(t.Context(), filepath.Join(folder, name), args...)
	command.Env = []string{"TMPDIR=" + os.TempDir(), "TMP=" + os.TempDir()}
	return command
}

// names has the programs with an embedded server: all except refresh, which uses Atlas.
func names(t *testing.T) []string {
	t.Helper()
	mains, err := filepath.Glob("*/main.go")
	require.NoError(t, err)
	var programs []string
	for _, main := range mains {
		if name := filepath.Dir(main); name != "refresh" {
			programs = append(programs, name)
		}
	}
	require.Greater(t, len(programs), 10)
	return programs
}

// ending has the programs of names that end by themselves: all except server.
func ending(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(names(t), func(name string) bool { return name == "server" })
}

func TestReadme_listsEveryProgram(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, name := range names(t) {
		assert.Contains(t, string(readme), "["+name+"]("+name+"/main.go)")
	}
	for _, name := range ending(t) {
		assert.Regexp(t, "(?m)^\\$ go run ./examples/"+name+"( |$)", string(readme), "what it prints")
	}
}

// varying matches the output that differs from run to run.
var varying = []struct {
	pattern *regexp.Regexp
	to      string
}{
	{regexp.MustCompile(`[0-9a-f]{40}`), "SHA1"},
	{regexp.MustCompile(`[0-9a-f]{8}0{14}[0-9a-f]{2}`), "CREATED"},
	{regexp.MustCompile(`-\d{10}-`), "-EPOCH-"},
	{regexp.MustCompile(`\d+ bytes`), "N bytes"},
	{regexp.MustCompile(` +[0-9.]+(µs|ms|s)\b`), " TIME"},
	{regexp.MustCompile(`\[request [0-9a-f]+\]`), "[request ID]"},
	{regexp.MustCompile(`as of [0-9T:-]+Z into`), "as of TIME into"},
	{regexp.MustCompile(`(?m) +$`), ""},
}

func steady(text string) string {
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.to)
	}
	return text
}

// ellipses matches any lines by a line with an ellipsis, and any rest of a line by one at its end.
var ellipses = strings.NewReplacer(",…\n", ",.*\n", "…\n", "(.*\n)*")

// Runs each command of the README and compares the output.
func TestReadme_printsRealOutput(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```console\n\\$ go run ./examples/([^\n]+)\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	require.Len(t, blocks, len(ending(t)))
	for _, block := range blocks {
		t.Run(block[1], func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(block[1])
			out, err := program(t, words[0], words[1:]...).Output()
			require.NoError(t, err)
			pattern := ellipses.Replace(regexp.QuoteMeta(steady(block[2])))
			assert.Regexp(t, `\A`+pattern+`\z`, steady(string(out)))
		})
	}
}

// Every command of the documents names a program and flags that exist.
func TestDocuments_commandsExist(t *testing.T) {
	t.Parallel()
	documents, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	command := regexp.MustCompile(`(?m)^(?:\$ )?go run \./examples/(\S+)(.*)$`)
	found := 0
	for _, document := range append(documents, "../README.md", "README.md") {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, match := range command.FindAllStringSubmatch(string(text), -1) {
			found++
			help, err := program(t, match[1], "-h").Output()
			require.NoError(t, err, "%s: %s", document, match[0])
			for word := range strings.FieldsSeq(match[2]) {
				if strings.HasPrefix(word, "-") {
					assert.Regexp(t, "(?m)^  "+word+"( |$)", string(help), "%s: %s", document, match[0])
				}
			}
		}
	}
	assert.Greater(t, found, 20)
}

// The program of the front page restores the newest snapshot once, however often it runs.
func TestRefresh_restoresOnce(t *testing.T) {
	t.Parallel()
	scope := restorejobstest.AtlasV2Cluster
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(0))
	defer server.Close()
	directory := t.TempDir()
	run := func(args ...string) (code int, log string) {
		command := program(t, "refresh", args...)
		command.Dir = directory
		command.Env = append(command.Env,
			"MONGODB_ATLAS_PUBLIC_API_KEY="+restorejobstest.PublicKey,
			"MONGODB_ATLAS_PRIVATE_API_KEY="+restorejobstest.PrivateKey,
			"MONGODB_ATLAS_BASE_URL="+server.URL(),
		)
		out, err := command.CombinedOutput()
		return exitCode(err), string(out)
	}
	for range 2 {
		code, log := run(scope.ProjectName(), scope.Cluster(), scope.Target())
		assert.Equal(t, 0, code, log)
		assert.Equal(t, 1, server.CreateCount(), log)
		assert.Contains(t, log, scope.Target()+" has the data of 2026-08-10 03:35:05 +0000 UTC, restored at 20", "also without a restore")
	}
	job := server.JobsOf(scope, scope.Cluster())[0]
	assert.Equal(t, scope.Snapshots()[0], job["snapshotId"], "the newest")
	assert.Equal(t, scope.Target(), job["targetClusterName"])

	for want, args := range map[string][]string{
		"usage: refresh PROJECT CLUSTER TARGET": {scope.ProjectName()},
		`no cluster "nothing"`:                  {scope.ProjectName(), "nothing", scope.Target()},
		"it does not exist":                     {scope.ProjectName(), scope.Cluster(), "nothing"},
		"it is a sharded cluster":               {scope.ProjectName(), scope.Cluster(), scope.Sharded()},
	} {
		code, log := run(args...)
		assert.Equal(t, 1, code)
		assert.Contains(t, log, want)
	}
	assert.Equal(t, 1, server.CreateCount())
}

// A server prints the line for the shell of the program of the front page, which then restores. The
// README shows what it prints.
func TestServer_servesOtherPrograms(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no way to send Ctrl-C to one process, and no sh")
	}
	server := program(t, "server", "-listen", "127.0.0.1:0", "-takes", "0")
	out, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	var printed strings.Builder
	for lines := bufio.NewScanner(out); !strings.Contains(printed.String(), "reference only") && lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
	}
	line := regexp.MustCompile(`(?m)^export .*$`).FindString(printed.String())
	require.NotEmpty(t, line, printed.String())

	shell := exec.CommandContext(t.Context(), "sh", "-euc", line+`
"$0/refresh" Production Cluster0 Cluster1
"$0/refresh" Production Cluster0 Cluster1
"$0/list" -ref atlasv2/groups/6a22a5000000000000000001/clusters/Cluster0 -limit 1`, folder)
	shell.Env = append(slices.Clone(server.Env), "MONGODB_ATLAS_CLIENT_ID=real", "MONGODB_ATLAS_CLIENT_SECRET=real")
	shell.Dir = t.TempDir()
	log, err := shell.CombinedOutput()
	require.NoError(t, err, "%s", log)
	assert.Regexp(t, `finished +snapshot 6a79468a2c88faeba59de489\n`, string(log), "the newest job is that of refresh")
	assert.Contains(t, string(log), "1 job ", "one restore")

	require.NoError(t, server.Process.Signal(os.Interrupt))
	assert.Equal(t, 0, exitCode(server.Wait()))

	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```text\n(serving .*?)```").FindStringSubmatch(string(readme))
	require.Len(t, block, 2)
	port := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	pattern := ellipses.Replace(regexp.QuoteMeta(port.ReplaceAllString(block[1], "ADDRESS")))
	assert.Regexp(t, `\A`+pattern+`\z`, port.ReplaceAllString(printed.String(), "ADDRESS"))
}

func TestPrograms_exitCodes(t *testing.T) {
	t.Parallel()
	for _, name := range names(t) {
		help := program(t, name, "-h")
		out, err := help.Output()
		assert.NoError(t, err, "%s", name)
		assert.Contains(t, string(out), "Usage: "+name)
		assert.Contains(t, string(out), "Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted")

		var stderr bytes.Buffer
		wrong := program(t, name, "-no-such-flag")
		wrong.Stderr = &stderr
		assert.Equal(t, 2, exitCode(wrong.Run()), "%s", name)
		assert.Equal(t, "bad usage: flag provided but not defined: -no-such-flag; -h shows the flags\n", stderr.String())
	}
}

func TestPrograms_referenceFromEnvironment(t *testing.T) {
	t.Parallel()
	list := program(t, "list")
	list.Env = append(list.Env, "RESTOREJOBS_REF=mms/groups/a/clusters/b")
	var stderr bytes.Buffer
	list.Stderr = &stderr
	assert.Equal(t, 2, exitCode(list.Run()))
	assert.Contains(t, stderr.String(), "MONGODB_ATLAS_PUBLIC_API_KEY", "a real deployment, for which credentials are missing")
}

func TestPrograms_interrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no way to send Ctrl-C to one process")
	}
	for _, words := range []string{"create-and-wait -takes 1h", "watch -takes 1h"} {
		args := strings.Fields(words)
		command := program(t, args[0], args[1:]...)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		out, err := command.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, command.Start())
		_, err = bufio.NewReader(out).ReadString('\n') // it has started
		require.NoError(t, err)
		require.NoError(t, command.Process.Signal(os.Interrupt))
		assert.Equal(t, 3, exitCode(command.Wait()), "%s", words)
		assert.Contains(t, stderr.String(), "go run ./examples/"+args[0]+" -ref opsmanager/groups/")
	}
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}
