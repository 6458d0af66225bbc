// Package target opens what an example runs against: the embedded server, or a real
// deployment. It is the only code that the examples share.
package target

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// Target is what a program runs against.
type Target struct {
	Client *restorejobs.Client
	Jobs   *restorejobs.Jobs
	// Server is the embedded server, and Scope the part of it that Jobs are in; Server
	// is nil for a real deployment.
	Server *restorejobstest.Server
	Scope  restorejobstest.Scope
}

// Open makes the client and the jobs that the flags name. The options are for the
// client, whatever it runs against.
func (f *Flags) Open(opts ...restorejobs.Option) (*Target, error) {
	if f.ref == "" {
		return f.openEmbedded(opts)
	}
	credentials, missing := restorejobs.CredentialsFromEnv()
	if missing != nil {
		credentials = restorejobs.APIKey("none", "none") // good enough to read the reference, which comes first
	}
	client, err := restorejobs.NewClient(credentials, append([]restorejobs.Option{restorejobs.WithBaseURLFromEnv()}, opts...)...)
	if err != nil {
		return nil, refused(err)
	}
	jobs, err := client.Jobs(f.ref)
	if err != nil && strings.Contains(err.Error(), "WithBaseURL") {
		return nil, Usage("set MONGODB_ATLAS_OPS_MANAGER_URL with a MONGODB_ATLAS_ key, or MCLI_OPS_MANAGER_URL with an MCLI_ key: where the Ops Manager is")
	}
	if err = cmp.Or(err, missing); err != nil {
		return nil, refused(err)
	}
	return &Target{Client: client, Jobs: jobs}, nil
}

// As opens the same jobs with other credentials.
func (t *Target) As(credentials restorejobs.Credentials) (*restorejobs.Jobs, error) {
	where := restorejobs.WithBaseURLFromEnv()
	if t.Server != nil {
		where = restorejobs.WithBaseURL(t.Server.URL())
	}
	client, err := restorejobs.NewClient(credentials, where)
	if err != nil {
		return nil, err
	}
	return client.Jobs(t.Jobs.Ref())
}

// refused is bad usage in the library's words.
func refused(err error) error {
	return Usage(strings.TrimPrefix(err.Error(), "restorejobs: "))
}

func (f *Flags) openEmbedded(opts []restorejobs.Option) (*Target, error) {
	server := restorejobstest.NewServer(f.Server...)
	client, err := server.Client(opts...)
	if err != nil {
		server.Close()
		return nil, err
	}
	jobs, err := client.Jobs(f.scope.Ref())
	if err != nil {
		server.Close()
		return nil, err
	}
	return &Target{Client: client, Jobs: jobs, Server: server, Scope: f.scope}, nil
}

// Flag is the flag with which another program finds the same jobs.
func (t *Target) Flag() string {
	if t.Server != nil {
		return "-scope " + t.Scope.String()
	}
	return "-ref " + t.Jobs.Ref()
}

// Resume tells how to go on in another process with a program and its operands.
func (t *Target) Resume(program string, operands ...string) string {
	return t.goOnWith(t.command(program, operands...))
}

// command is a call of another program on the same jobs, for a shell.
func (t *Target) command(program string, args ...string) string {
	words := []string{"go run ./examples/" + program, "-ref", t.Jobs.Ref()}
	for _, arg := range args {
		words = append(words, quote(arg))
	}
	return strings.Join(words, " ")
}

func (t *Target) goOnWith(command string) string {
	if t.Server != nil {
		return "the embedded server ends here, but a real one lets you go on with\n  " + command
	}
	return "go on with\n  " + command
}

// GoOn adds to the error of a wait how to go on with the jobs that have not ended.
func (t *Target) GoOn(program string, err error) error {
	var waitErr *restorejobs.WaitError
	if !errors.As(err, &waitErr) || len(waitErr.Pending) == 0 || errors.Is(err, restorejobs.ErrNotFound) {
		return err // the jobs that ended badly are in its text, and so is one that is not there
	}
	return fmt.Errorf("%w\nwhat was started goes on; %s", err, t.Resume(program, waitErr.Pending...))
}

// quote makes one word of a text, for a shell.
func quote(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Terminal reports whether what is written there is looked at by a person.
func Terminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Close ends the embedded server, where there is one.
func (t *Target) Close() {
	if t.Server != nil {
		t.Server.Close()
	}
}
