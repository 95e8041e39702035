KILL {{ session }};
