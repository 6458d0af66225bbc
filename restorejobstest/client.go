package restorejobstest

import "example.com/restorejobs"

// Client returns a client of the server. Its API key is the first of [WithAPIKey], by default
// [PublicKey]. The options are applied after those that connect the client to the server, and
// can replace them. For a service account or another key, call [restorejobs.NewClient] with
// [Server.URL].
func (s *Server) Client(opts ...restorejobs.Option) (*restorejobs.Client, error) {
	all := []restorejobs.Option{restorejobs.WithBaseURL(s.URL())}
	if s.opts.inProcess {
		all = append(all, restorejobs.WithTransport(s.Transport()))
	}
	if s.certPEM != nil {
		all = append(all, restorejobs.WithRootCAs(s.certPEM))
	}
	public := s.opts.publicKey
	return restorejobs.NewClient(restorejobs.APIKey(public, s.opts.keys[public]), append(all, opts...)...)
}
