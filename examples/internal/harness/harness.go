// Package harness opens what an example runs against: the embedded server, or a real
// deployment. It is the only code that the examples share.
package harness

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

// Env is what a program runs against.
type Env struct {
	Client *restorejobs.Client
	Source *restorejobs.Source
	// Server is the embedded server, and Scope the part of it that Jobs are in; Server
	// is nil for a real deployment.
	Server *restorejobstest.Server
	Scope  restorejobstest.Scope
}

// Open makes the client and the jobs that the flags name. The options are for the
// client, whatever it runs against.
func (f *Flags) Open(opts ...restorejobs.Option) (*Env, error) {
	if f.ref == "" {
		return f.openEmbedded(opts)
	}
	credentials, credErr := restorejobs.CredentialsFromEnv()
	if credErr != nil {
		credentials = restorejobs.APIKey("none", "none") // good enough to read the reference, which comes first
	}
	client, err := restorejobs.NewClient(credentials, append([]restorejobs.Option{restorejobs.WithBaseURLFromEnv()}, opts...)...)
	if err != nil {
		return nil, usageError(err)
	}
	source, err := client.Source(f.ref)
	if errors.Is(err, restorejobs.ErrBaseURLRequired) {
		return nil, Usage("set MONGODB_ATLAS_OPS_MANAGER_URL with a MONGODB_ATLAS_ key, or MCLI_OPS_MANAGER_URL with an MCLI_ key: where the Ops Manager is")
	}
	if err = cmp.Or(err, credErr); err != nil {
		return nil, usageError(err)
	}
	return &Env{Client: client, Source: source}, nil
}

// WithCredentials opens the same jobs with other credentials.
func (e *Env) WithCredentials(credentials restorejobs.Credentials) (*restorejobs.Jobs, error) {
	baseURL := restorejobs.WithBaseURLFromEnv()
	if e.Server != nil {
		baseURL = restorejobs.WithBaseURL(e.Server.URL())
	}
	client, err := restorejobs.NewClient(credentials, baseURL)
	if err != nil {
		return nil, err
	}
	source, err := client.Source(e.Source.Ref())
	if err != nil {
		return nil, err
	}
	return source.Jobs, nil
}

// usageError is bad usage in the library's words.
func usageError(err error) error {
	return Usage(strings.TrimPrefix(err.Error(), "restorejobs: "))
}

func (f *Flags) openEmbedded(opts []restorejobs.Option) (*Env, error) {
	server := restorejobstest.NewServer(f.Server...)
	client, err := server.Client(opts...)
	if err != nil {
		server.Close()
		return nil, err
	}
	source, err := client.Source(f.scope.Ref())
	if err != nil {
		server.Close()
		return nil, err
	}
	return &Env{Client: client, Source: source, Server: server, Scope: f.scope}, nil
}

// Flag is the flag with which another program finds the same jobs.
func (e *Env) Flag() string {
	if e.Server != nil {
		return "-scope " + e.Scope.String()
	}
	return "-ref " + e.Source.Ref()
}

// ResumeCommand tells how to go on in another process with a program and its operands.
func (e *Env) ResumeCommand(program string, maxArgs ...string) string {
	return e.resumeHint(e.command(program, maxArgs...))
}

// command is a call of another program on the same jobs, for a shell.
func (e *Env) command(program string, args ...string) string {
	words := []string{"go run ./examples/" + program, "-ref", e.Source.Ref()}
	for _, arg := range args {
		words = append(words, quote(arg))
	}
	return strings.Join(words, " ")
}

func (e *Env) resumeHint(command string) string {
	if e.Server != nil {
		return "the embedded server ends here, but a real one lets you go on with\n  " + command
	}
	return "go on with\n  " + command
}

// WithResumeHint adds to the error of a wait how to go on with the jobs that have not ended.
func (e *Env) WithResumeHint(program string, err error) error {
	var waitErr *restorejobs.WaitError
	if !errors.As(err, &waitErr) || len(waitErr.PendingIDs) == 0 || errors.Is(err, restorejobs.ErrNotFound) {
		return err // the jobs that ended badly are in its text, and so is one that is not there
	}
	return fmt.Errorf("%w\nwhat was started goes on; %s", err, e.ResumeCommand(program, waitErr.PendingIDs...))
}

// quote makes one word of a text, for a shell.
func quote(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// IsTerminal reports whether what is written there is looked at by a person.
func IsTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Close ends the embedded server, where there is one.
func (e *Env) Close() {
	if e.Server != nil {
		e.Server.Close()
	}
}
